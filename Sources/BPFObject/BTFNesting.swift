extension BTF {
  /// Refuses types that contain themselves, and nesting that would exhaust a walker's stack.
  ///
  /// In C every cycle of types goes through a pointer to a struct or a union, so a walk that stops there must end. Each
  /// type is looked at twice: as a value, and as what a pointer leads to, where composites count as leaves. One pass with
  /// a stack of its own, O(types + members).
  func checkNesting() throws(ObjectError) {
    /// 0: not seen. 1: on the stack. From 2 on: done, and the levels below it are 2 less.
    var depths = [UInt16](repeating: 0, count: 2 * count)
    /// `below`: the levels below the deepest of the children that are done.
    var stack: [(node: Int, next: Int, below: UInt16)] = []

    for root in 1..<max(count, 1) where depths[2 * root] == 0 {
      stack.append((2 * root, 0, 0))
      depths[2 * root] = 1
      while let (node, next, below) = stack.last {
        let top = stack.count - 1
        if let child = child(of: node, next) {
          stack[top].next += 1
          switch depths[child] {
          case 0:
            depths[child] = 1
            stack.append((child, 0, 0))
          case 1:
            let start = stack.firstIndex { $0.node == child }!
            throw .damagedBTF(.cycle(ids: stack[start...].map { UInt32($0.node / 2) }))
          default:
            stack[top].below = max(below, depths[child] - 1)
          }
          continue
        }
        guard below < BTF.maximumNesting else { throw .damagedBTF(.nestingTooDeep(id: UInt32(node / 2))) }
        depths[node] = below + 2
        stack.removeLast()
        if top > 0 { stack[top - 1].below = max(stack[top - 1].below, below + 1) }
      }
    }
  }

  /// A node is 2 * id for a type as a value, one more for the type behind a pointer.
  private func child(of node: Int, _ index: Int) -> Int? {
    let id = UInt32(node / 2)
    let behindPointer = node & 1
    // `void` has a node as well, without children, so that a child's place in the list is its index.
    func reached(_ id: UInt32, _ pointer: Int) -> Int { 2 * Int(id) + pointer }
    switch kind(id) {
    case .const, .volatile, .restrict, .typeTag, .typedef, .variable:
      return index == 0 ? reached(target(id), behindPointer) : nil
    case .pointer, .function:
      return index == 0 ? reached(target(id), 1) : nil
    case .array:
      return index == 0 ? reached(element(id), behindPointer) : nil
    case .structure, .union:
      return behindPointer == 0 && index < vlen(id) ? reached(member(id, index).type, 0) : nil
    case .functionPrototype:
      guard index <= vlen(id) else { return nil }
      return reached(index == vlen(id) ? target(id) : parameter(id, index), 1)
    default:
      return nil
    }
  }
}
