package import GenGraph

extension KernelCheck {
  /// The check as one HTML page that opens without a network: a table of objects and of kernels, of which those on which all
  /// objects have the same outcomes are one column, and for each cell what the kernels lack.
  ///
  /// kernels.html has a `{{name}}` for each part. Names reach the page only as data: the report in JSON, which cannot end its
  /// element, and from there text nodes. The page's state is in the address after `#`.
  package func page() -> String {
    text(PackageResources.kernels_html)
      .replacing("{{style}}", with: text(PackageResources.kernels_css))
      .replacing("{{script}}", with: text(PackageResources.element_js + PackageResources.kernels_js))
      // Last: a name in the data may look like one of the parts.
      .replacing("{{data}}", with: JSONText.inScript(json(.oneLine)))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
