import BPF
import BTF
import ELF

/// An object with one defect, and the expected message.
struct MalformedObject: Sendable, CustomStringConvertible {
  enum Answer: Sendable {
    case refused(ObjectError)
    /// It does no harm: the layout is that of the sound object.
    case read
  }

  let description: String
  let answer: Answer
  private let damage: @Sendable (inout ELFEditor) -> Void

  init(_ description: String, _ answer: Answer, _ damage: @escaping @Sendable (inout ELFEditor) -> Void) {
    self.description = description
    self.answer = answer
    self.damage = damage
  }

  init(_ description: String, _ fault: ELFFault, _ damage: @escaping @Sendable (inout ELFEditor) -> Void) {
    self.init(description, .refused(.elf(.damaged(fault))), damage)
  }

  init(_ description: String, _ fault: BTFFault, _ damage: @escaping @Sendable (inout ELFEditor) -> Void) {
    self.init(description, .refused(.btf(.damaged(fault))), damage)
  }

  /// The sound object that all of them are made from.
  static let sound = Samples.complete()

  var bytes: [UInt8] {
    var editor = ELFEditor(MalformedObject.sound)
    damage(&editor)
    return editor.bytes
  }

  static let all = headers + sections + soughtSections + symbols + relocations + typeHeaders + extensions + dataSections
}
