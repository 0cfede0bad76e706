/// On which unclear jumps it depends whether the verifier reaches an instruction.
///
/// Of an unclear jump at least one branch is followed. The condition has some of the ways to the instruction: each is
/// the branches that have to be followed. Where two ways differ in nothing but the branch of one jump, the jump does not
/// matter.
struct ReachCondition: Hashable {
  /// A branch of an unclear jump.
  struct Branch: Hashable, Comparable {
    /// The opposite branch differs in the lowest bit. Negative for a jump of which only one branch is known.
    private let number: Int

    init(arrival: Int, isTaken: Bool) { number = 2 * arrival + (isTaken ? 1 : 0) }

    private init(number: Int) { self.number = number }

    /// A branch that depends on a variable, or on something else.
    static func single(variable: Int?) -> Branch { Branch(number: variable.map { -2 - $0 } ?? -1) }

    var opposite: Branch? { number < 0 ? nil : Branch(number: number ^ 1) }
    /// The arrival whose jump it is.
    var arrival: Int? { number < 0 ? nil : number >> 1 }
    var variable: Int? { number < -1 ? -2 - number : nil }

    static func < (left: Branch, right: Branch) -> Bool { left.number < right.number }
  }

  /// Each in ascending order.
  private var ways: [[Branch]]

  private static let maximumWays = 4
  private static let maximumBranches = 5

  static let always = ReachCondition(ways: [[]])
  static let never = ReachCondition(ways: [])
  /// Nothing is known to follow from another jump.
  static let perhaps = ReachCondition(ways: [[.single(variable: nil)]])

  private var isAlways: Bool { ways.count == 1 && ways[0].isEmpty }

  /// - Parameter variables: by arrival the variable that decides its jump.
  func level(_ variables: [Int: Int]) -> Reachability.Level {
    if ways.isEmpty { return .never }
    if isAlways { return .always }
    // Named if variables are all that it depends on.
    var names: [Int] = []
    for way in ways {
      let found = way.map { $0.variable ?? $0.arrival.flatMap { variables[$0] } }
      if !found.contains(nil) { names += found.compactMap(\.self) }
    }
    return .possible(variable: names.min())
  }

  /// The condition of one branch of an unclear jump.
  func and(_ branch: Branch, variable: Int? = nil) -> ReachCondition {
    if ways.isEmpty { return self }
    if isAlways { return ReachCondition(ways: [[branch]]) }
    var result = ReachCondition.never
    for way in ways {
      // A jump that is repeated may go either way each time.
      let isRepeated = branch.arrival.map { arrival in way.contains { $0.arrival == arrival } } ?? false
      let isListed = !isRepeated && way.count < ReachCondition.maximumBranches
      let added = isListed ? branch : .single(variable: variable)
      result.add(way.contains(added) ? way : (way + [added]).sorted())
    }
    return result
  }

  /// Adds ways to the instruction.
  mutating func formUnion(_ other: ReachCondition) {
    if isAlways || ways == other.ways { return }
    if ways.isEmpty || other.isAlways {
      self = other
      return
    }
    for way in other.ways { add(way) }
  }

  private mutating func add(_ way: [Branch]) {
    var pending = [way]
    while let way = pending.popLast() {
      if ways.contains(where: { ReachCondition.isPart($0, of: way) }) { continue }
      ways.removeAll { ReachCondition.isPart(way, of: $0) }
      var isMerged = false
      for branch in way {
        guard let opposite = branch.opposite else { continue }
        for known in ways where known.contains(opposite) {
          let (rest, others) = (way.filter { $0 != branch }, known.filter { $0 != opposite })
          if ReachCondition.isPart(rest, of: others) {
            pending.append(others)
            isMerged = others == rest || isMerged
          } else if ReachCondition.isPart(others, of: rest) {
            pending.append(rest)
            isMerged = true
          }
        }
      }
      if !isMerged, ways.count < ReachCondition.maximumWays { ways.append(way) }
    }
  }

  private static func isPart(_ part: [Branch], of whole: [Branch]) -> Bool {
    part.count <= whole.count && part.allSatisfy(whole.contains)
  }
}
