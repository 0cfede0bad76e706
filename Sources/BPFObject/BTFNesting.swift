extension BTF {
  /// Refuses types that contain themselves, and nesting that would exhaust a walker's stack.
  ///
  /// In C every cycle of types goes through a pointer to a struct or a union, so a walk that stops there must end. Each
  /// type is looked at as a value and, where that is not the same, as what a pointer leads to: composites are leaves there.
  /// One pass with a stack of its own, O(types + members).
  func checkNesting() throws(ObjectError) {
    let table = Nesting.ofKind
    let (words, kinds, nestings) = (words.span, kinds.span, table.span)
    /// 0: not seen. 1: on the stack. From 2 on: done, and the levels below it are 2 less.
    var states = [UInt16](repeating: 0, count: 2 * count)
    var depths = states.mutableSpan
    var stack: [Frame] = []

    for root in 1..<max(count, 1) where depths[2 * root] == 0 {
      var frame = Frame(2 * root, nestings[2 * Int(kinds[root].rawValue)], self)
      depths[2 * root] = 1
      while true {
        while frame.left > 0 {
          let to = Int(words[frame.next])
          frame.next += frame.stride
          frame.left -= 1
          let nesting = nestings[2 * Int(kinds[to].rawValue) + frame.behindPointer]
          if nesting.isLeaf {
            frame.below = max(frame.below, 1)
            continue
          }
          let node = 2 * to + nesting.nodeBit
          switch depths[node] {
          case 0:
            depths[node] = 1
            stack.append(frame)
            frame = Frame(node, nesting, self)
          case 1:
            let path = stack.map(\.node) + [frame.node]
            throw .damagedBTF(.cycle(ids: path[path.firstIndex(of: node)!...].map { UInt32($0 / 2) }))
          case let depth:
            frame.below = max(frame.below, depth - 1)
          }
        }
        guard frame.below < BTF.maximumNesting else {
          throw .damagedBTF(.nestingTooDeep(id: UInt32(frame.node / 2)))
        }
        depths[frame.node] = frame.below + 2
        guard var outer = stack.popLast() else { break }
        outer.below = max(outer.below, frame.below + 1)
        frame = outer
      }
    }
  }
}

/// Which of the types that one refers to are a part of it.
private struct Nesting {
  let first: Int
  let stride: Int
  let own: Int
  /// All ones when each of its parts has one, else 0.
  let ofPart: Int
  /// 1 when what it leads to lies behind a pointer.
  let behindPointer: Int
  /// 1 when it is another node behind a pointer than as a value.
  let nodeBit: Int

  var isLeaf: Bool { own == 0 && ofPart == 0 }

  /// By twice the kind's number; one more for the kind behind a pointer.
  static let ofKind: [Nesting] = (0..<64).map { index in
    Nesting(BTFKind(rawValue: UInt8(index / 2)) ?? .void, behindPointer: index & 1)
  }

  private init(_ kind: BTFKind, behindPointer: Int) {
    let shape = BTFShape.ofKind[Int(kind.rawValue)]
    first = shape.firstReference
    stride = shape.stride
    switch kind {
    case .dataSection, .declarationTag: (own, ofPart) = (0, 0)
    case .structure, .union: (own, ofPart) = (0, behindPointer == 1 ? 0 : -1)
    case .array: (own, ofPart) = (1, 0)
    default: (own, ofPart) = (shape.ownReferences, -shape.referencesOfPart)
    }
    let isPointer = kind == .pointer || kind == .function || kind == .functionPrototype
    self.behindPointer = isPointer ? 1 : behindPointer
    nodeBit = isPointer ? 0 : behindPointer
  }
}

/// A type on the way down, and which of those that it refers to come next.
private struct Frame {
  /// 2 * id for a type as a value, one more for the type behind a pointer.
  let node: Int
  /// The word with the next one's id, and how many are left.
  var next: Int
  let stride: Int
  var left: Int
  let behindPointer: Int
  /// The levels below the deepest of those that are done.
  var below: UInt16 = 0

  init(_ node: Int, _ nesting: Nesting, _ btf: BTF) {
    let start = Int(btf.starts[node / 2])
    self.node = node
    next = start + nesting.first
    stride = nesting.stride
    left = nesting.own + (nesting.ofPart & Int(btf.words[start + 1] & 0xffff))
    behindPointer = nesting.behindPointer
  }
}
