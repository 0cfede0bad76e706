extension BTFSpec {
  /// Refuses types that contain themselves, and nesting that would exhaust the stack of a walk.
  ///
  /// In C every cycle of types goes through a pointer to a struct or a union, so a walk that stops there must end. Each
  /// type is checked as a value and, where that differs, as the target of a pointer, for which composites are leaves.
  /// One pass with an explicit stack, O(types + members).
  func checkNesting() throws(BTFError) {
    let table = Nesting.ofKind
    let (words, kinds, nestings) = (words.span, kinds.span, table.span)
    /// 0: not visited. 1: on the stack. 2 and more: done, with the number of levels below it plus 2.
    var states = [UInt16](repeating: 0, count: 2 * count)
    var depths = states.mutableSpan
    // Leaves are done first: each step below then reads one word and one state.
    for id in 0..<count {
      let kind = 2 * Int(kinds[id].rawValue)
      depths[2 * id] = nestings[kind].isLeaf ? 2 : 0
      depths[2 * id + 1] = nestings[kind + 1].isLeaf ? 2 : 0
    }
    var stack: [Frame] = []

    // Half of a kernel's types are functions: nothing contains a function, and their prototypes are checked separately.
    for root in 1..<max(count, 1) where depths[2 * root] == 0 && kinds[root] != .function {
      var frame = Frame(2 * root, nestings[2 * Int(kinds[root].rawValue)], self)
      depths[frame.node] = 1
      depths[frame.twin] = 1
      while true {
        while frame.left > 0 {
          let node = 2 * Int(words[frame.next]) + frame.isPointee
          frame.next += frame.stride
          frame.left -= 1
          switch depths[node] {
          case 0:
            stack.append(frame)
            frame = Frame(node, nestings[2 * Int(kinds[node / 2].rawValue) + node & 1], self)
            depths[frame.node] = 1
            depths[frame.twin] = 1
          case 1:
            let path = stack + [frame]
            let start = path.firstIndex { $0.node == node || $0.twin == node }!
            throw .damaged(.cycle(ids: path[start...].map { TypeID(index: $0.node / 2) }))
          case let depth:
            frame.below = max(frame.below, depth - 1)
          }
        }
        guard frame.below < BTFSpec.maximumNesting else {
          throw .damaged(.nestingTooDeep(id: TypeID(index: frame.node / 2)))
        }
        depths[frame.node] = frame.below + 2
        depths[frame.twin] = frame.below + 2
        guard var outer = stack.popLast() else { break }
        outer.below = max(outer.below, frame.below + 1)
        frame = outer
      }
    }
  }
}

/// Which of a type's references are parts of it.
private struct Nesting {
  let first: Int
  let stride: Int
  let own: Int
  /// All ones if each of its parts has a reference, else 0.
  let ofPart: Int
  /// 1 if it is a pointer.
  let isPointee: Int
  /// Whether it is the same as a value and as the target of a pointer.
  let isSame: Bool

  var isLeaf: Bool { own == 0 && ofPart == 0 }

  /// Indexed by twice the kind's number, plus one for the target of a pointer.
  static let ofKind: [Nesting] = (0..<64).map { index in
    Nesting(BTFKind(rawValue: UInt8(index / 2)) ?? .void, isPointee: index & 1)
  }

  private init(_ kind: BTFKind, isPointee: Int) {
    let shape = BTFShape.of(kind)
    first = shape.firstReference
    stride = shape.stride
    switch kind {
    case .dataSection, .declarationTag: (own, ofPart) = (0, 0)
    case .structure, .union: (own, ofPart) = (0, isPointee == 1 ? 0 : -1)
    case .array: (own, ofPart) = (1, 0)
    case .void, .int, .pointer, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .float, .typeTag, .enumeration64:
      (own, ofPart) = (shape.ownReferences, -shape.referencesOfPart)
    }
    let isPointer = kind == .pointer || kind == .function || kind == .functionPrototype
    self.isPointee = isPointer ? 1 : isPointee
    isSame = isPointer
  }
}

/// A type on the stack, and its remaining references.
private struct Frame {
  /// 2 * id for a type as a value, plus one for a type as the target of a pointer.
  let node: Int
  /// The type's other node if both are the same, else this one.
  let twin: Int
  /// The word with the next reference, and how many remain.
  var next: Int
  let stride: Int
  var left: Int
  let isPointee: Int
  /// The depth of the deepest reference done so far.
  var below: UInt16 = 0

  init(_ node: Int, _ nesting: Nesting, _ btf: BTFSpec) {
    let start = Int(btf.starts[node / 2])
    self.node = node
    twin = nesting.isSame ? node ^ 1 : node
    next = start + nesting.first
    stride = nesting.stride
    left = nesting.own + (nesting.ofPart & Int(btf.words[start + 1] & 0xffff))
    isPointee = nesting.isPointee
  }
}
