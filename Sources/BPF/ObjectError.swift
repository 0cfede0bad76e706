package import BTF
package import Bytes
package import ELF

/// Why a header cannot be generated from an object. The cases have facts; the command line turns them into messages.
package enum ObjectError: Error, Hashable, Sendable {
  case elf(ELFError)
  case btf(BTFError)
  /// libbpf refused the object; `errno` is positive, `log` is libbpf's own message.
  case libbpf(operation: String, errno: Int32, log: String)
  /// libbpf refused the object, which uses symbols that other objects must define; there is at least one.
  ///
  /// `maybeKernels` is whether the kernel could provide the first one: no section declares it, as there would be for a
  /// map.
  case undefinedSymbols([String], maybeKernels: Bool, log: String)
  /// The libbpf in use creates no map for this section; `needed` is the first version that does.
  case olderLibBPF(section: String, needed: String)
  /// Two maps, or two programs, have the same name.
  case duplicateName(String, of: String)
  /// The name of the header's struct is not a C identifier, or is a keyword of C.
  case badObjectName(String)
  /// The object's own variables use a type with that name.
  case nameIsType(String)
  /// The BTF has no type for the variable: clang writes none for `_Complex`.
  case untypedVariable(String, section: String)
  /// The variables of a section up to this one take 2 GiB or more.
  case variableTooLarge(String, section: String)
  /// An input of the linker has another byte order than earlier ones.
  case mixedByteOrders(ByteOrder)
  /// An input of the linker conflicts with earlier ones, or cannot be linked at all.
  case link(LinkFault)
  /// The object is valid, but a light skeleton cannot load it.
  case noLoader(LoaderObstacle)
}

extension ObjectError {
  package init(_ error: BTFError) {
    if case .elf(let error) = error { self = .elf(error) } else { self = .btf(error) }
  }

  /// Runs a step that reads ELF, and wraps its errors.
  package static func ofELF<Value>(_ step: @autoclosure () throws(ELFError) -> Value) throws(ObjectError) -> Value {
    do throws(ELFError) { return try step() } catch { throw .elf(error) }
  }

  /// Runs a step that reads BTF, and wraps its errors.
  package static func ofBTF<Value>(_ step: @autoclosure () throws(BTFError) -> Value) throws(ObjectError) -> Value {
    do throws(BTFError) { return try step() } catch { throw ObjectError(error) }
  }
}

/// Why a light skeleton cannot load an object.
package enum LoaderObstacle: Hashable, Sendable {
  /// For struct_ops maps libbpf's generator needs the running kernel's types, does not load them, and crashes.
  case structOps(map: String)
  /// Only libbpf itself can initialize the variables of an arena.
  case arenaVariables
  /// Generating would look up the map in this machine's bpffs.
  case pinnedMap(String)
  /// An extern without a type: the loader would contain its address in this machine's running kernel, and keep it if
  /// the loading kernel has no such symbol. Source: libbpf, `emit_relo_ksym_typeless`, which ignores ENOENT.
  case kernelAddress(String)
  /// libbpf generates loaders in this machine's byte order, and the object has the other one.
  case otherByteOrder(ByteOrder)
  /// The loader's stack has space for a limited number of programs.
  case tooManyPrograms(Int, maximum: Int)
  /// libbpf's generator recurses from function to function.
  case tooManyFunctions(Int, maximum: Int)
  /// A light skeleton contains the values of all variables, including zeros.
  case tooManyBytes(section: String, maximum: Int)
}
