import Testing

@testable import BPF

@Suite("A large stack")
struct LargeStackTests {
  /// Must not be optimized to a loop: each call keeps 256 bytes of its own.
  @inline(never)
  private func depth(_ left: Int, _ frame: InlineArray<32, Int>) -> Int {
    if left == 0 { return frame[0] }
    var frame = frame
    frame[left % 32] &+= left
    return depth(left - 1, frame) &+ frame[31]
  }

  @Test("supports the requested depth, and returns the result")
  func deep() {
    var result = 0
    LargeStack.run(bytes: 1 << 30) { result = depth(200_000, InlineArray(repeating: 1)) }
    #expect(result > 0)
  }
}
