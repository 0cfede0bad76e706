package import BPF
package import Bytes

/// The bytes that a light skeleton needs: the loader's data, its instructions, each data section's initial values.
package struct LightPayload: Sendable {
  private let parts: [[UInt8]]

  package init(_ loader: LightObject.Loader) { parts = [loader.data, loader.instructions] + loader.initialValues }

  /// The payload of a header: a table of two 64-bit numbers for each part, its offset and its size, and then the parts,
  /// aligned to eight bytes.
  ///
  /// The header holds neither sizes nor offsets, so that none of them rewrites it.
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
