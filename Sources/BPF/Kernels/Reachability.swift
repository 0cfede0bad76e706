/// The instructions of a program that the verifier can reach on one kernel, given the constants in its relocations.
///
/// The verifier follows each path separately and ignores unreachable code. Here all paths to an instruction are merged,
/// and only what is true on all of them is kept. An instruction that is dead here is dead for the verifier too, while
/// one that is reachable here may be unreachable for the verifier.
///
/// Called functions are followed separately for each call. O(instructions x calls that lead to them), with a limit.
struct Reachability {
  /// How the verifier reaches an instruction, the strongest last.
  enum Level: Hashable {
    case never
    /// Only if a variable that is constant once the object is loaded has a certain value.
    case dependent(on: Int, branch: Branch?)
    case always
  }

  /// The branch of a jump that a variable decides; `nil` if there is more than one such jump.
  struct Branch: Hashable {
    fileprivate let point: Point
    let isTaken: Bool
  }

  /// A use of the address of a weak symbol that the kernel does not have.
  struct NullUse: Hashable {
    let symbol: Int
    let instruction: Int
  }

  /// A read of the context.
  struct ContextRead: Hashable {
    let offset: Int
    let instruction: Int
  }

  /// A load or a store through an argument that was read from the context.
  struct ArgumentUse: Hashable {
    /// The argument's index in the context, in units of 64 bits.
    let slot: Int
    let instruction: Int
  }

  private let code: ProgramCode
  private let facts: KernelFacts
  /// By instruction.
  private(set) var levels: [Level]
  private(set) var nullUses: Set<NullUse> = []
  private(set) var contextReads: Set<ContextRead> = []
  private(set) var argumentUses: Set<ArgumentUse> = []
  /// Whether the limit was exceeded: everything then counts as reachable.
  private(set) var gaveUp = false

  private var calls: [Call] = []
  private var callIndex: [CallKey: Int] = [:]
  private var states: [Point: Arrival] = [:]
  private var pending: [Point] = []
  private var steps = 0

  private static let maximumSteps = 4_000_000
  /// The verifier's limit on frames.
  private static let maximumDepth = 8
  private static let maximumCalls = 2048

  /// The state before an instruction.
  private struct State: Equatable {
    var registers: [AbstractValue]
    /// Eight bytes each, by offset from the end of the stack.
    var slots: [Int: AbstractValue] = [:]

    subscript(register: Int) -> AbstractValue {
      get { registers[register] }
      set { registers[register] = newValue }
    }

    mutating func join(_ other: State) {
      for index in registers.indices { registers[index] = registers[index].joined(other.registers[index]) }
      // A slot that is unknown in one of them may contain anything.
      slots = slots.filter { other.slots[$0.key] != nil }
      for (offset, value) in slots { slots[offset] = value.joined(other.slots[offset]!) }
    }

    /// Forgets bytes of the stack that were overwritten with unknown values; without an end, all from an offset on.
    mutating func forget(from start: Int, to end: Int = .max) {
      slots = slots.filter { $0.key + 8 <= start || end <= $0.key }
    }
  }

  private struct Arrival {
    var state: State
    var level: Level
  }

  /// An instruction of a function, in the context of one call.
  fileprivate struct Point: Hashable {
    let call: Int
    let instruction: Int
  }

  private struct CallKey: Hashable {
    let caller: Int
    let instruction: Int
  }

  private struct Call {
    let function: Int
    /// `nil` for the program itself, for a function that the verifier checks separately, and for a callback.
    let caller: Point?
    let depth: Int
    /// The merged result of all returns so far.
    var result: AbstractValue?
    var level = Level.never
  }

  /// - Parameter program: the index of the program's function.
  init(_ code: ProgramCode, _ facts: KernelFacts, program: Int) {
    self.code = code
    self.facts = facts
    levels = Array(repeating: .never, count: code.instructions.count)
    let closure = code.closure(of: program)
    start(program, arguments: [.context(0)], level: .always)
    if !facts.traits.checksCalledFunctionsOnly {
      for function in closure where function != program && code.functions[function].isGlobal {
        start(function, arguments: [], level: .always)
      }
    }
    while let point = pending.popLast(), !gaveUp { follow(point) }
    if gaveUp {
      for function in closure { for index in code.functions[function].instructions { levels[index] = .always } }
    }
  }

  private mutating func start(_ function: Int, arguments: [AbstractValue], level: Level) {
    // One entry for each function that is never called, or whose calls are not followed separately.
    let key = CallKey(caller: -1, instruction: function)
    let call = callIndex[key] ?? calls.count
    if call == calls.count {
      calls.append(Call(function: function, caller: nil, depth: 0))
      callIndex[key] = call
    }
    enter(call, arguments, level)
  }

  private mutating func enter(_ call: Int, _ arguments: [AbstractValue], _ level: Level) {
    // As many as an instruction can encode; the last five do not exist.
    var registers = [AbstractValue](repeating: .unknown, count: 16)
    for (index, argument) in arguments.enumerated() { registers[index + 1] = argument }
    registers[10] = .stack(0)
    let first = code.functions[calls[call].function].instructions.lowerBound
    arrive(Point(call: call, instruction: first), State(registers: registers), level)
  }

  /// Adds a path to an instruction; its successors are visited again if this changes its state.
  private mutating func arrive(_ point: Point, _ state: State, _ level: Level) {
    guard code.functions[calls[point.call].function].instructions.contains(point.instruction) else {
      // The verifier refuses such a jump.
      gaveUp = true
      return
    }
    guard let known = states[point] else {
      states[point] = Arrival(state: state, level: level)
      pending.append(point)
      return
    }
    var joined = known.state
    joined.join(state)
    let either = Reachability.stronger(known.level, level)
    guard joined != known.state || either != known.level else { return }
    states[point] = Arrival(state: joined, level: either)
    pending.append(point)
  }

  static func stronger(_ left: Level, _ right: Level) -> Level {
    switch (left, right) {
    case (.always, _), (_, .always): .always
    case (.never, _): right
    case (.dependent(_, let branch?), .dependent(_, let other?)) where branch.point == other.point:
      // Whatever the variable's value, one of the two branches is dead.
      branch == other ? left : .always
    case (.dependent, _): left
    }
  }

  // MARK: Straight code

  /// Follows the instructions from a point to the next one where paths join or split.
  private mutating func follow(_ point: Point) {
    guard let arrival = states[point] else { return }
    var (state, level, index) = (arrival.state, arrival.level, point.instruction)
    let function = code.functions[calls[point.call].function].instructions
    while function.contains(index) {
      steps += 1
      if steps > Reachability.maximumSteps {
        gaveUp = true
        return
      }
      levels[index] = Reachability.stronger(levels[index], level)
      let instruction = code.instructions[index]
      switch instruction.kind {
      case .arithmetic32, .arithmetic64:
        let right =
          instruction.isWithRegister
          ? state[instruction.source] : .constant(UInt64(bitPattern: Int64(immediate(index, instruction))))
        compute(index, instruction, right, &state)
      case .load:
        load(index, instruction, &state, level)
        if instruction.isWideLoad { index += 1 }
      case .loadFromMemory: state[instruction.destination] = read(index, instruction, state)
      case .store, .storeRegister: write(index, instruction, &state)
      case .jump, .jump32:
        if instruction.isExit { return leave(point.call, state[0], level) }
        if instruction.isCall {
          guard call(Point(call: point.call, instruction: index), instruction, &state, &level) else { return }
        } else {
          return jump(point.call, index, instruction, state, level)
        }
      }
      index += 1
      // If another path may lead here, merge the two.
      if code.isJoin[index] { return arrive(Point(call: point.call, instruction: index), state, level) }
    }
    // The verifier does not allow a function to end without an exit.
    gaveUp = true
  }

  private func immediate(_ index: Int, _ instruction: Instruction) -> Int32 {
    if case .constant(let value)? = facts.effects[index] { return Int32(truncatingIfNeeded: Int64(bitPattern: value)) }
    return instruction.immediate
  }

  private func compute(_ index: Int, _ instruction: Instruction, _ right: AbstractValue, _ state: inout State) {
    var right = right
    // An offset that differs between kernels.
    if case .unknown? = facts.effects[index] { right = .unknown }
    if case .invalid? = facts.effects[index] { right = .unknown }
    let left = state[instruction.destination]
    state[instruction.destination] = AbstractValue.computed(instruction, left, right, facts.traits)
  }

  /// 64-bit immediate loads, and the legacy loads of packet data.
  private mutating func load(_ index: Int, _ instruction: Instruction, _ state: inout State, _ level: Level) {
    guard instruction.isWideLoad else {
      for register in 0...5 { state[register] = .unknown }
      return
    }
    let value: AbstractValue
    switch code.references[index] {
    case .function(let function)?:
      start(function, arguments: [], level: level)
      value = .function
    case .symbol(let symbol)?: value = facts.address(of: symbol)
    case .constant(let constant)?: value = .address(constant)
    case .data?: value = .unknown
    case nil:
      if let effect = facts.effects[index] {
        if case .constant(let number) = effect { value = .constant(number) } else { value = .unknown }
      } else if instruction.source == 0 {
        let high = index + 1 < code.instructions.count ? code.instructions[index + 1].immediate : 0
        value = .constant(
          UInt64(UInt32(bitPattern: high)) << 32 | UInt64(UInt32(bitPattern: instruction.immediate)))
      } else {
        value = .unknown
      }
    }
    state[instruction.destination] = value
  }

  private mutating func read(_ index: Int, _ instruction: Instruction, _ state: State) -> AbstractValue {
    let offset = Int(instruction.offset)
    switch state[instruction.source] {
    case .stack(let base?):
      guard instruction.mode == Instruction.Mode.memory, instruction.memoryBytes == 8 else { return .any }
      return state.slots[base + offset] ?? .any
    case .stack, .any: return .any
    case .context(let base):
      contextReads.insert(ContextRead(offset: base + offset, instruction: index))
      let isWhole = instruction.mode == Instruction.Mode.memory && instruction.memoryBytes == 8
      return isWhole && (base + offset) % 8 == 0 ? .argument((base + offset) / 8) : .unknown
    case .argument(let slot):
      argumentUses.insert(ArgumentUse(slot: slot, instruction: index))
      return .unknown
    case .address(let constant):
      return instruction.mode == Instruction.Mode.memory ? facts.value(of: constant) : .unknown
    case .absentSymbol(let symbol):
      nullUses.insert(NullUse(symbol: symbol, instruction: index))
      return .unknown
    case .unknown, .number, .loaded, .function: return .unknown
    }
  }

  private mutating func write(_ index: Int, _ instruction: Instruction, _ state: inout State) {
    let isAtomic = instruction.kind == .storeRegister && instruction.mode == Instruction.Mode.atomic
    switch state[instruction.destination] {
    case .stack(let base?):
      let start = base + Int(instruction.offset)
      state.forget(from: start, to: start + Int(instruction.memoryBytes))
      if instruction.kind == .storeRegister, !isAtomic, instruction.memoryBytes == 8, start % 8 == 0 {
        let value = state[instruction.source]
        let isKnown = value.constant == nil || facts.traits.decidesAllComparisons
        state.slots[start] = isKnown ? value : .unknown
      }
    case .stack, .any: state.slots = [:]
    case .absentSymbol(let symbol): nullUses.insert(NullUse(symbol: symbol, instruction: index))
    case .argument(let slot): argumentUses.insert(ArgumentUse(slot: slot, instruction: index))
    case .unknown, .number, .context, .address, .loaded, .function: break
    }
    guard isAtomic else { return }
    state[instruction.source] = .any
    state[0] = .any
  }

  // MARK: Jumps

  private mutating func jump(_ call: Int, _ index: Int, _ instruction: Instruction, _ state: State, _ level: Level) {
    let target = Point(call: call, instruction: index + 1 + instruction.jumpDistance)
    let next = Point(call: call, instruction: index + 1)
    if instruction.operation == Instruction.Jump.always {
      guard !instruction.isWithRegister else {
        // An indirect jump through a table.
        gaveUp = true
        return
      }
      return arrive(target, state, level)
    }
    let right =
      instruction.isWithRegister
      ? state[instruction.source] : .constant(UInt64(bitPattern: Int64(instruction.immediate)))
    switch AbstractValue.outcome(
      instruction, state[instruction.destination], right, version: facts.versionConstant, facts.traits)
    {
    case .taken: arrive(target, state, level)
    case .notTaken: arrive(next, state, level)
    case .either:
      arrive(target, state, level)
      arrive(next, state, level)
    case .dependent(let constant):
      let branches = [true, false].map { isTaken -> Level in
        switch level {
        case .always:
          .dependent(on: constant, branch: Branch(point: Point(call: call, instruction: index), isTaken: isTaken))
        case .dependent(let first, _): .dependent(on: first, branch: nil)
        case .never: level
        }
      }
      arrive(target, state, branches[0])
      arrive(next, state, branches[1])
    }
  }

  // MARK: Calls

  /// - Returns: whether the instructions after the call should be followed from here.
  private mutating func call(
    _ point: Point, _ instruction: Instruction, _ state: inout State, _ level: inout Level
  ) -> Bool {
    guard case .function(let callee)? = code.references[point.instruction] else {
      for register in 1...5 {
        switch state[register] {
        case .stack(let offset?):
          // A callee may write through a pointer from its offset on; a callback may write anywhere.
          if code.hasCallbacks { state.slots = [:] } else { state.forget(from: offset) }
        case .stack, .any: state.slots = [:]
        case .absentSymbol(let symbol):
          nullUses.insert(NullUse(symbol: symbol, instruction: point.instruction))
        case .unknown, .number, .context, .argument, .address, .loaded, .function: break
        }
      }
      end(&state, result: .unknown)
      return true
    }
    let arguments = (1...5).map { state[$0] }
    let isFollowed =
      calls[point.call].depth + 1 < Reachability.maximumDepth && calls.count < Reachability.maximumCalls
      && !code.functions[callee].isGlobal
    guard isFollowed else {
      start(callee, arguments: [], level: level)
      if arguments.contains(where: \.mayBeStack) { state.slots = [:] }
      end(&state, result: .unknown)
      return true
    }
    let key = CallKey(caller: point.call, instruction: point.instruction)
    let index = callIndex[key] ?? calls.count
    if index == calls.count {
      calls.append(Call(function: callee, caller: point, depth: calls[point.call].depth + 1))
      callIndex[key] = index
    }
    // The instructions after the call are followed when a return is found.
    states[point] = Arrival(state: state, level: level)
    enter(index, arguments.map(\.passed), level)
    if let result = calls[index].result { resume(index, result) }
    return false
  }

  /// The state after a call.
  private func end(_ state: inout State, result: AbstractValue) {
    for register in 1...5 { state[register] = .unknown }
    state[0] = result
  }

  private mutating func leave(_ call: Int, _ result: AbstractValue, _ level: Level) {
    let joined = (calls[call].result ?? result.passed).joined(result.passed)
    let either = Reachability.stronger(calls[call].level, level)
    guard joined != calls[call].result || either != calls[call].level else { return }
    calls[call].result = joined
    calls[call].level = either
    resume(call, joined)
  }

  /// Continues after a call with its return value.
  private mutating func resume(_ call: Int, _ result: AbstractValue) {
    guard let caller = calls[call].caller, let arrival = states[caller] else { return }
    var state = arrival.state
    if (1...5).contains(where: { state[$0].mayBeStack }) { state.slots = [:] }
    end(&state, result: result)
    arrive(Point(call: caller.call, instruction: caller.instruction + 1), state, calls[call].level)
  }
}
