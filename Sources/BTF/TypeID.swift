/// The id of a type in one BTF: 0 is `void`, the first type is 1, and there are no gaps.
///
/// Public and inlinable, because Swift does not inline `package` declarations in other modules.
@frozen public struct TypeID: Hashable, Strideable, Sendable {
  /// The number as the file has it.
  public let rawValue: UInt32

  /// An id with this number.
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// - Parameter index: less than 2 to the power of 32.
  @inlinable public init(index: Int) { rawValue = UInt32(index) }

  /// The id of `void`, 0.
  @inlinable public static var void: TypeID { TypeID(0) }

  /// The index in a table with an entry for each type, starting with `void`.
  @inlinable public var index: Int { Int(rawValue) }
  /// Whether it is the id of `void`.
  @inlinable public var isVoid: Bool { rawValue == 0 }

  // Written out, because derived ones are not inlinable.
  /// Whether both are the same number.
  @inlinable public static func == (left: TypeID, right: TypeID) -> Bool { left.rawValue == right.rawValue }
  /// The order of the types in the BTF.
  @inlinable public static func < (left: TypeID, right: TypeID) -> Bool { left.rawValue < right.rawValue }
  /// Hashes what `==` compares.
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
  /// The number of ids from this one to another, negative for a lower one.
  @inlinable public func distance(to other: TypeID) -> Int { other.index - index }
  /// The id this many after it, or before it.
  @inlinable public func advanced(by distance: Int) -> TypeID { TypeID(index: index + distance) }
}

extension TypeID: ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The literal as the raw value.
  @inlinable public init(integerLiteral value: UInt32) { self.init(value) }

  /// The number in decimal.
  public var description: String { "\(rawValue)" }
}

/// The byte offset of a name in the strings of one BTF; the name at offset 0 is empty.
@frozen public struct StringOffset: Hashable, Sendable {
  /// The number as the file has it.
  public let rawValue: UInt32

  /// A name at this byte offset.
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// The index of the name's first byte.
  @inlinable public var index: Int { Int(rawValue) }

  // Written out, because derived ones are not inlinable.
  /// Whether both are the same offset.
  @inlinable public static func == (left: StringOffset, right: StringOffset) -> Bool { left.rawValue == right.rawValue }
  /// Hashes what `==` compares.
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension StringOffset: ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The literal as the raw value.
  @inlinable public init(integerLiteral value: UInt32) { self.init(value) }

  /// The number in decimal.
  public var description: String { "\(rawValue)" }
}
