import Testing

@testable import BPF

@Suite("A kernel's version in its name")
struct KernelVersionTests {
  @Test(
    "is the one that is plausible, and none if several are",
    arguments: [
      ("5.4.0-42-generic", "5.4"), ("linux-image-6.1.0-13-amd64", "6.1"), ("ubuntu-22.04-5.10.0", "5.10"),
      ("ubuntu-22.04.3-5.15.0-91-generic", "5.15"), ("centos-7.9-3.10.0-1160.el7.x86_64", "3.10"),
      ("5.10", "5.10"), ("fedora-39.1-6.5", "6.5"), ("5.4.0-42.46_5.4.0-42", "5.4"), ("vendor-5.4-6.1", nil),
      ("6.1.0-5.10.0", nil), ("vmlinux", nil), ("22.04", nil), ("6", nil),
    ] as [(String, String?)])
  func name(_ name: String, _ version: String?) {
    #expect(KernelVersion(in: name)?.description == version)
  }
}
