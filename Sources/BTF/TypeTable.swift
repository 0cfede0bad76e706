/// Values of some types of one BTF, in an array by `TypeID`.
///
/// In place of a dictionary: the runtime looks up that a key is `Hashable` when it makes a dictionary's metadata, which takes
/// 70,000 instructions or more for each type of dictionary. A header of a small object takes two million.
struct TypeTable<Value> {
  private var values: [Value?] = []

  /// O(1), and O(id) for the largest one yet that is set.
  subscript(type: TypeID) -> Value? {
    get { type.index < values.count ? values[type.index] : nil }
    set {
      if type.index >= values.count {
        while values.count <= type.index { values.append(nil) }
      }
      values[type.index] = newValue
    }
  }
}

/// Some types of one BTF, in an array by `TypeID`, for the same reason.
package struct TypeSet: Sendable {
  private var isMember: [Bool] = []

  package init() {}

  /// O(1), and O(id) for the largest one yet.
  ///
  /// - Returns: whether the type was not there.
  @discardableResult
  package mutating func insert(_ type: TypeID) -> Bool {
    if contains(type) { return false }
    while isMember.count <= type.index { isMember.append(false) }
    isMember[type.index] = true
    return true
  }

  package func contains(_ type: TypeID) -> Bool { type.index < isMember.count && isMember[type.index] }
}
