/// A table from types of one BTF to values, stored as an array indexed by `TypeID`.
///
/// Used instead of a dictionary: the runtime looks up the `Hashable` conformance of the key when it creates a
/// dictionary type's metadata, which takes 70,000 instructions or more for each type. A header of a small object takes
/// two million.
struct TypeTable<Value> {
  private var values: [Value?] = []

  /// O(1); setting the largest id so far is O(id).
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

/// A set of types of one BTF.
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
