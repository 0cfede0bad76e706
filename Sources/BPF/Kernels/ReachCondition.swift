/// On which unclear jumps it depends whether the verifier reaches an instruction.
///
/// Of an unclear jump at least one branch is followed. The condition has some of the ways to the instruction: each is
/// the branches that have to be followed. Where two ways differ in nothing but the branch of one jump, the jump does not
/// matter.
struct ReachCondition: Hashable {
  struct Branch: Hashable {
    /// The arrival whose jump it is; `nil` for jumps that are not listed.
    let arrival: Int?
    let isTaken: Bool
    /// The variable that decides.
    let variable: Int?
  }

  private var ways: [Set<Branch>]

  private static let maximumWays = 4
  private static let maximumBranches = 6

  static let always = ReachCondition(ways: [[]])
  static let never = ReachCondition(ways: [])
  /// Nothing is known to follow from another jump.
  static let perhaps = ReachCondition(ways: [[Branch(arrival: nil, isTaken: true, variable: nil)]])

  var level: Reachability.Level {
    if ways.isEmpty { return .never }
    if ways[0].isEmpty { return .always }
    // Named if a variable is all that it depends on.
    let names = ways.compactMap { way in way.contains { $0.variable == nil } ? nil : way.compactMap(\.variable).min() }
    return .possible(variable: names.min())
  }

  /// The condition of one branch of an unclear jump.
  func and(_ branch: Branch) -> ReachCondition {
    var result = ReachCondition.never
    for way in ways {
      // A jump that is repeated may go either way each time.
      let isRepeated = branch.arrival == nil || way.contains { $0.arrival == branch.arrival }
      let isListed = !isRepeated && way.count < ReachCondition.maximumBranches
      result.add(way.union([isListed ? branch : Branch(arrival: nil, isTaken: true, variable: branch.variable)]))
    }
    return result
  }

  /// Adds ways to the instruction.
  mutating func formUnion(_ other: ReachCondition) {
    for way in other.ways { add(way) }
  }

  private mutating func add(_ way: Set<Branch>) {
    var pending = [way]
    while let way = pending.popLast() {
      if ways.contains(where: { $0.isSubset(of: way) }) { continue }
      ways.removeAll { way.isSubset(of: $0) }
      var isMerged = false
      for branch in way where branch.arrival != nil {
        let opposite = Branch(arrival: branch.arrival, isTaken: !branch.isTaken, variable: branch.variable)
        let rest = way.subtracting([branch])
        for known in ways where known.contains(opposite) {
          let others = known.subtracting([opposite])
          if rest.isSubset(of: others) {
            pending.append(others)
            isMerged = others == rest || isMerged
          } else if others.isSubset(of: rest) {
            pending.append(rest)
            isMerged = true
          }
        }
      }
      if !isMerged, ways.count < ReachCondition.maximumWays { ways.append(way) }
    }
  }
}
