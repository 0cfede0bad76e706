/// How much is tested: `./test` takes a sample of large sets of cases, `./test --all` takes all of them.
enum Tier {
  /// Whether everything is tested: `BPFGEN_TEST_TIER` is `full`.
  static let isFull = Toolchain.setting("BPFGEN_TEST_TIER") == "full"

  /// The number of cases to run, or to expect.
  static func count(quick: Int, full: Int) -> Int { isFull ? full : quick }

  /// All cases, or in the quick tier `count` of them: the first and others at equal distances.
  static func sample<Case>(_ cases: [Case], quick count: Int) -> [Case] {
    if isFull || cases.count <= count { return cases }
    return (0..<count).map { cases[$0 * cases.count / count] }
  }
}
