package import BTF
package import Bytes

/// Everything that a header shows its user, and nothing else: the emitter's only input.
///
/// A fact that a header needs must be added here. A fact that no header shows must not be here, because a change of it
/// would rewrite headers needlessly.
package struct ExportedLayout: Hashable, Sendable {
  /// The name of the header's struct, a C identifier.
  package var name: String
  /// In libbpf's order.
  package var maps: [Map] = []
  package var programs: [Program] = []
  /// The memory-mapped data sections, in the order of their maps.
  package var sections: [DataSection] = []
  package var structOps: [ShadowType] = []
  /// Types that user code declares, sorted.
  package var neededTypes: [NamedType] = []
  /// The user's own types that variables hold by value, sorted by name; empty unless they should be asserted.
  package var userTypes: [UserType] = []
  /// What the loader of a light skeleton does with programs and sections; `nil` for all other headers.
  package var loader: Loader?

  package init(name: String) { self.name = name }

  package struct Map: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
      case user, data, kconfig, structOps, arena
    }

    /// The name by which libbpf finds it; for a data section, the section's name.
    package var name: String
    package var identifier: CIdentifier
    package var kind: Kind

    package init(name: String, identifier: CIdentifier, kind: Kind) {
      self.name = name
      self.identifier = identifier
      self.kind = kind
    }
  }

  package struct Program: Hashable, Sendable {
    package var name: String
    package var identifier: CIdentifier

    package init(name: String, identifier: CIdentifier) {
      self.name = name
      self.identifier = identifier
    }
  }

  package struct DataSection: Hashable, Sendable {
    /// The ELF section's name.
    package var name: String
    /// The member that points to it, and the name of its map's member.
    package var identifier: CIdentifier
    /// The variables that user code can access, in ascending order of offset.
    package var variables: [Variable]
    /// Whether its variables are in an arena. Loading moves them, and libbpf reports the new address only to skeletons,
    /// so subskeletons do not have them.
    package var isArena: Bool { name == arenaSection }
    /// Whether BTF describes the section; it does not if the section only contains string constants.
    package var isTyped: Bool

    package init(name: String, identifier: CIdentifier, variables: [Variable], isTyped: Bool = true) {
      self.name = name
      self.identifier = identifier
      self.variables = variables
      self.isTyped = isTyped
    }
  }

  package struct Variable: Hashable, Sendable {
    package var name: String
    package var identifier: CIdentifier
    package var declaration: CDeclaration
    package var offsetBytes: UInt32
    package var sizeBytes: UInt32
    /// The size of an array's element; 0 if it is not an array.
    package var elementBytes: UInt32
    /// The number of explicit padding bytes before it; 0 if alignment gives the same offset on 32- and 64-bit targets.
    package var paddingBytes: UInt32
    /// Whether its offset is not a multiple of its type's own alignment.
    package var isPacked: Bool
    /// A weak extern, which may be missing in a final.
    package var isWeak: Bool

    package init(
      name: String, identifier: CIdentifier, declaration: CDeclaration, offsetBytes: UInt32, sizeBytes: UInt32,
      elementBytes: UInt32 = 0, paddingBytes: UInt32, isPacked: Bool = false, isWeak: Bool
    ) {
      self.name = name
      self.identifier = identifier
      self.declaration = declaration
      self.offsetBytes = offsetBytes
      self.sizeBytes = sizeBytes
      self.elementBytes = elementBytes
      self.paddingBytes = paddingBytes
      self.isPacked = isPacked
      self.isWeak = isWeak
    }
  }

  /// The fields of a struct_ops map that user code may set before it is loaded.
  package struct ShadowType: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
      package enum Content: Hashable, Sendable {
        case scalar(CDeclaration)
        /// A bit-field with a number of bits.
        case bitfield(CDeclaration, bits: UInt8)
        /// A function pointer: user code sets the program.
        case program
        /// Bytes that are not accessible to user code; the name is chosen by the header.
        case opaque(bytes: UInt32)
        /// Bits that are not accessible to user code.
        case padding(bits: UInt8)
      }

      package var identifier: CIdentifier
      package var content: Content
    }

    /// The map's member.
    package var identifier: CIdentifier
    /// The name of the kernel's struct.
    package var typeName: String
    package var members: [Member]
  }

  /// How the loader of a light skeleton handles the entries of the layout.
  package struct Loader: Hashable, Sendable {
    /// How a light skeleton attaches a program: as libbpf would, if one system call can do it.
    package enum Attachment: Hashable, Sendable {
      /// User code attaches it.
      case manual
      /// To the raw tracepoint with this name.
      case rawTracepoint(String)
      /// To the target in the program's own BTF: fentry, fexit, fmod_ret, tp_btf.
      case tracing
      case iterator
    }

    package struct Program: Hashable, Sendable {
      /// Whether it is loaded: the loader numbers the loaded programs.
      package var isLoaded: Bool
      package var attachment: Attachment

      package init(isLoaded: Bool, attachment: Attachment) {
        self.isLoaded = isLoaded
        self.attachment = attachment
      }
    }

    package struct Section: Hashable, Sendable {
      /// Whether its map can be mapped into memory: false if all its variables are static.
      package var isMapped: Bool
      package var isReadOnly: Bool

      package init(isMapped: Bool, isReadOnly: Bool) {
        self.isMapped = isMapped
        self.isReadOnly = isReadOnly
      }
    }

    /// One for each of the layout's programs.
    package var programs: [Program]
    /// One for each of the layout's sections.
    package var sections: [Section]

    package init(programs: [Program], sections: [Section]) {
      self.programs = programs
      self.sections = sections
    }
  }

  /// The layout of a struct or union that user code declares.
  package struct UserType: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
      package var name: String
      package var offsetBytes: UInt32
      package var sizeBytes: UInt32
    }

    package var spelling: String
    package var sizeBytes: UInt32
    /// The members whose offset C can compute: named, and not bit-fields.
    package var members: [Member]
  }
}

extension ExportedLayout {
  /// Adds every field of the value to a fingerprint's input.
  package func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(name)
    encoder.add(maps) { encoder, map in
      encoder.add(map.name)
      map.identifier.encode(into: &encoder)
      encoder.add(map.kind.rawValue)
    }
    encoder.add(programs) { encoder, program in
      encoder.add(program.name)
      program.identifier.encode(into: &encoder)
    }
    encoder.add(sections) { encoder, section in
      encoder.add(section.name)
      section.identifier.encode(into: &encoder)
      encoder.add(section.isTyped)
      encoder.add(section.variables) { encoder, variable in
        encoder.add(variable.name)
        variable.identifier.encode(into: &encoder)
        variable.declaration.encode(into: &encoder)
        encoder.add(variable.offsetBytes)
        encoder.add(variable.sizeBytes)
        encoder.add(variable.elementBytes)
        encoder.add(variable.paddingBytes)
        encoder.add(variable.isPacked)
        encoder.add(variable.isWeak)
      }
    }
    encoder.add(structOps) { encoder, shadow in
      shadow.identifier.encode(into: &encoder)
      encoder.add(shadow.typeName)
      encoder.add(shadow.members) { encoder, member in
        member.identifier.encode(into: &encoder)
        member.content.encode(into: &encoder)
      }
    }
    encoder.add(neededTypes) { encoder, type in
      encoder.add(type.spelling)
      encoder.add(type.complete)
      encoder.add(type.largestAlignment ?? 0)
    }
    encoder.add(userTypes) { encoder, type in
      encoder.add(type.spelling)
      encoder.add(type.sizeBytes)
      encoder.add(type.members) { encoder, member in
        encoder.add(member.name)
        encoder.add(member.offsetBytes)
        encoder.add(member.sizeBytes)
      }
    }
    // The kind of header, which was added first, determines whether there is one.
    loader?.encode(into: &encoder)
  }
}

extension ExportedLayout.Loader {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(programs) { encoder, program in
      encoder.add(program.isLoaded)
      switch program.attachment {
      case .manual: encoder.add(0)
      case .rawTracepoint(let name):
        encoder.add(1)
        encoder.add(name)
      case .tracing: encoder.add(2)
      case .iterator: encoder.add(3)
      }
    }
    encoder.add(sections) { encoder, section in
      encoder.add(section.isMapped)
      encoder.add(section.isReadOnly)
    }
  }
}

extension ExportedLayout.ShadowType.Member.Content {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .scalar(let declaration):
      encoder.add(0)
      declaration.encode(into: &encoder)
    case .bitfield(let declaration, let bits):
      encoder.add(1)
      declaration.encode(into: &encoder)
      encoder.add(bits)
    case .program: encoder.add(2)
    case .opaque(let bytes):
      encoder.add(3)
      encoder.add(bytes)
    case .padding(let bits):
      encoder.add(4)
      encoder.add(bits)
    }
  }
}

extension CIdentifier {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(c)
    encoder.add(cxx)
  }
}

extension CDeclaration {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(before)
    encoder.add(after)
    encoder.add(needsTypeof)
  }
}
