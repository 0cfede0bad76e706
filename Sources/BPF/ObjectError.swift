package import BTF
package import Bytes
package import ELF

/// Why an object gives no header. The cases carry facts; the command line words them.
package enum ObjectError: Error, Hashable, Sendable {
  case elf(ELFError)
  case btf(BTFError)
  /// libbpf refused the object; `errno` is positive, `log` holds libbpf's own message.
  case libbpf(operation: String, errno: Int32, log: String)
  /// The object uses what other objects have to define, and libbpf refused it; at least one symbol.
  ///
  /// `maybeKernels` is whether the kernel could provide the first: no section declares it, as one would a map.
  case undefinedSymbols([String], maybeKernels: Bool, log: String)
  /// The libbpf that runs makes no map of this section; the first that does is `needed`.
  case olderLibBPF(section: String, needed: String)
  /// Two maps, or two programs, of one name.
  case duplicateName(String, of: String)
  /// The name of the header's struct is not a C identifier, or is a keyword of C.
  case badObjectName(String)
  /// The object's own variables are of a type of that name.
  case nameIsType(String)
  /// The BTF has no type for the variable: clang has none for `_Complex`.
  case untypedVariable(String, section: String)
  /// The variables of a section up to this one take 2 GiB or more.
  case variableTooLarge(String, section: String)
  /// An input of the linker that is not of the byte order of those before it.
  case mixedByteOrders(ByteOrder)
  /// An input of the linker that does not fit those before it, or cannot be linked at all.
  case link(LinkFault)
  /// The object is sound, but no light skeleton can load it.
  case noLoader(LoaderObstacle)
}

extension ObjectError {
  package init(_ error: BTFError) {
    if case .elf(let error) = error { self = .elf(error) } else { self = .btf(error) }
  }

  /// Runs a step that reads ELF.
  package static func ofELF<Value>(_ step: @autoclosure () throws(ELFError) -> Value) throws(ObjectError) -> Value {
    do throws(ELFError) { return try step() } catch { throw .elf(error) }
  }

  /// Runs a step that reads BTF.
  package static func ofBTF<Value>(_ step: @autoclosure () throws(BTFError) -> Value) throws(ObjectError) -> Value {
    do throws(BTFError) { return try step() } catch { throw ObjectError(error) }
  }
}

/// What the loader of a light skeleton cannot do.
package enum LoaderObstacle: Hashable, Sendable {
  /// libbpf's generator reads the running kernel's types for struct_ops maps, has none, and crashes.
  case structOps(map: String)
  /// Only libbpf itself can put the values of an arena's variables there.
  case arenaVariables
  /// Generating would look the map up in this machine's bpffs.
  case pinnedMap(String)
  /// An extern without a type: its address in this machine's running kernel would be written down, and stay where the
  /// loading kernel has no such symbol. Source: libbpf, `emit_relo_ksym_typeless`, which passes over ENOENT.
  case kernelAddress(String)
  /// libbpf generates loaders in this machine's byte order, and that is not the object's.
  case otherByteOrder(ByteOrder)
  /// The loader's stack has room for so many.
  case tooManyPrograms(Int, maximum: Int)
  /// libbpf's generator goes from function to function by recursion.
  case tooManyFunctions(Int, maximum: Int)
  /// A light skeleton holds the values of all variables, those that are zero too.
  case tooManyBytes(section: String, maximum: Int)
}
