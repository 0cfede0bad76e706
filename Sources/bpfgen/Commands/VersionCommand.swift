extension Command {
  static let version = Command(
    name: "version", purpose: .help, abstract: "Print the version and what it was built with.",
    examples: ["bpfgen version"]
  ) { declare in
    JSONOptions.declare(&declare)
    return { _, console in
      console.write(console.json.map(BPFToolVersion.json) ?? Version.text + "\n")
    }
  }
}
