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

/// Some types of one BTF.
package struct TypeSet: Sendable {
  private var table = TypeTable<Bool>()

  package init() {}

  package init(_ types: [TypeID]) { for type in types { insert(type) } }

  /// - Returns: whether the type was not in the set.
  @discardableResult
  package mutating func insert(_ type: TypeID) -> Bool {
    if contains(type) { return false }
    table[type] = true
    return true
  }

  package func contains(_ type: TypeID) -> Bool { table[type] != nil }
}

extension TypeTable: Sendable where Value: Sendable {}
