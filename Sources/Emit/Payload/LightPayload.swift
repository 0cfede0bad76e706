package import BPF
package import Bytes

/// The bytes of a light skeleton: the loader's data and instructions, and each data section's initial values.
package struct LightPayload: Sendable {
  private let parts: [[UInt8]]

  package init(_ loader: LightObject.Loader) { parts = [loader.data, loader.instructions] + loader.initialValues }

  /// The payload of a header: a table with two 64-bit numbers for each part, its offset and size, followed by the
  /// parts, aligned to eight bytes.
  ///
  /// The header contains neither sizes nor offsets, so a change of them does not rewrite it.
  package func bytes(_ order: ByteOrder) -> [UInt8] {
    var bytes: [UInt8] = []
    var offset = 16 * parts.count
    for part in parts {
      for number in [UInt64(offset), UInt64(part.count)] { bytes.append(number, in: order) }
      offset += (part.count + 7) / 8 * 8
    }
    for part in parts {
      bytes += part
      bytes += [UInt8](repeating: 0, count: (8 - part.count % 8) % 8)
    }
    return bytes
  }
}
