/// The drawing as one HTML page that is self-contained: no network, no fonts, no files.
///
/// A drawing of thousands of nodes is unreadable. The page shows the kinds with their counts, a searchable list, and
/// for one node at a time what it depends on and what depends on it. The page's state is in the URL fragment:
/// `node=NAME`, `search=WORDS`, `kind=KIND,...`, `outcome=OUTCOME,...`, `scope=feeds|fed`.
///
/// page.html has a `{{name}}` for each part. Names from the graph reach the page only as data: as JSON that cannot end
/// its element, and from there as text nodes.
enum GraphPage {
  /// Each after the scripts that it uses.
  private static let scripts = [
    PackageResources.element_js, PackageResources.model_js, PackageResources.list_js, PackageResources.drawing_js,
    PackageResources.node_js, PackageResources.overview_js, PackageResources.state_js,
  ]

  static func html(data: String) -> String {
    text(PackageResources.page_html)
      .replacing("{{style}}", with: text(PackageResources.page_css))
      .replacing("{{scripts}}", with: scripts.map { text($0.dropLast()) }.joined(separator: "\n"))
      // Last, because a name in the data may look like one of the parts.
      .replacing("{{data}}", with: data)
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
