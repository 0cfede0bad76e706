internal import Bytes

extension BTFSpec {
  /// Refuses structs with gaps too large to write out: libbpf's dump writes a bit-field for every eight bytes, so a
  /// struct of 2 GB is 300 MB of C. The kernel's gaps are a fraction of its BTF. O(members).
  ///
  /// Source: `btf_dump_emit_bit_padding`.
  package func checkGaps() throws(BTFError) {
    var remaining = 8 * UInt64(NameLengths.limit(ownBytes))
    for id in ids(of: .structure) {
      var end: UInt64 = 0
      var gaps: UInt64 = 0
      for index in 0..<vlen(id) {
        let member = self.member(id, index)
        let offset = UInt64(member.offsetBits)
        gaps += offset - min(end, offset)
        end = offset + (member.bitfieldBits > 0 ? UInt64(member.bitfieldBits) : 8 * UInt64(sizeBytes(member.type) ?? 0))
      }
      let size = 8 * UInt64(statedSize(id))
      gaps += size - min(end, size)
      guard gaps <= remaining else { throw .damaged(.gaps(id: id, bytes: gaps / 8)) }
      remaining -= gaps
    }
  }
}
