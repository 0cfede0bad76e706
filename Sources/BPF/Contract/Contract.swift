package import BTF
package import Bytes

/// What a library and the final that it is linked into must agree on.
package struct Contract: Hashable, Sendable {
  package struct Variable: Hashable, Sendable {
    package var section: String
    package var name: String
    /// The C declaration, for messages.
    package var declaration: String
    package var sizeBytes: UInt32
    package var typeID: Fingerprint
    package var isWeak: Bool
    /// The BTF type, for a member-by-member comparison.
    package var type: TypeID
  }

  package struct Map: Hashable, Sendable {
    package var name: String
    /// `enum bpf_map_type`.
    package var type: UInt32
    package var keySizeBytes: UInt32
    package var valueSizeBytes: UInt32
    package var maximumEntries: UInt32
    package var flags: UInt32
    /// `nil` if the map has no BTF key type.
    package var keyTypeID: Fingerprint?
    package var valueTypeID: Fingerprint?
    /// The BTF types, `void` for none.
    package var keyType: TypeID
    package var valueType: TypeID
  }

  package struct Program: Hashable, Sendable {
    package var name: String
    /// The ELF section, which defines what it attaches to.
    package var section: String
  }

  package var variables: [Variable]
  /// The maps that programs and users share; data sections are represented by their variables.
  package var maps: [Map]
  package var programs: [Program]

  /// One id for the whole contract. O(entries).
  package var id: Fingerprint {
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
