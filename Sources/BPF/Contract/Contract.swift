public import Incr

/// What a library and the final that it is linked into must agree on.
public struct Contract: Hashable, Sendable {
  public struct Variable: Hashable, Sendable {
    public var section: String
    public var name: String
    /// The C declaration, for messages.
    public var declaration: String
    public var sizeBytes: UInt32
    public var typeID: Fingerprint
    public var isWeak: Bool
    /// The BTF type, for a member-by-member comparison.
    public var type: UInt32
  }

  public struct Map: Hashable, Sendable {
    public var name: String
    /// `enum bpf_map_type`.
    public var type: UInt32
    public var keySizeBytes: UInt32
    public var valueSizeBytes: UInt32
    public var maximumEntries: UInt32
    public var flags: UInt32
    /// `nil` when the map states no BTF type.
    public var keyTypeID: Fingerprint?
    public var valueTypeID: Fingerprint?
    /// The BTF types, 0 for none.
    public var keyType: UInt32
    public var valueType: UInt32
  }

  public struct Program: Hashable, Sendable {
    public var name: String
    /// The ELF section, which says what it attaches to.
    public var section: String
  }

  public var variables: [Variable]
  /// The maps that programs and users share; data sections are there by their variables.
  public var maps: [Map]
  public var programs: [Program]

  /// One id for the whole contract. O(entries).
  public var id: Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(variables) { encoder, variable in
      encoder.add(variable.section)
      encoder.add(variable.name)
      encoder.add(variable.sizeBytes)
      encoder.add(variable.typeID)
      encoder.add(variable.isWeak)
    }
    encoder.add(maps) { encoder, map in
      encoder.add(map.name)
      for number in [map.type, map.keySizeBytes, map.valueSizeBytes, map.maximumEntries, map.flags] {
        encoder.add(number)
      }
      for id in [map.keyTypeID, map.valueTypeID] {
        encoder.add(id != nil)
        if let id { encoder.add(id) }
      }
    }
    encoder.add(programs) { encoder, program in
      encoder.add(program.name)
      encoder.add(program.section)
    }
    return encoder.fingerprint
  }
}
