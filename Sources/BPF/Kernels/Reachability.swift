/// The instructions of a program that the verifier can reach on one kernel, given the constants in its relocations.
///
/// As the verifier does, each path is followed separately. After a limit, paths that meet are merged, and only what is true on
/// all of them is kept. An instruction that is dead here is dead for the verifier too. One that is certain to be reached is
/// reached by any verifier, because some run of the program may reach it as far as a verifier can know; of all others it is
/// said that they may be reached.
///
/// Called functions are followed for each call. O(instructions x states of each), with a limit.
struct Reachability {
  /// How the verifier reaches an instruction.
  enum Level: Hashable {
    case never
    /// Perhaps. With the variable, constant once the object is loaded, on which it depends; `nil` if the verifier may know
    /// more than is known here.
    case possible(variable: Int?)
    case always
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
  private let context: ContextTraits
  /// By instruction.
  private var conditions: [ReachCondition]
  private var nullUseConditions: [NullUse: ReachCondition] = [:]
  private var contextReadConditions: [ContextRead: ReachCondition] = [:]
  private var argumentUseConditions: [ArgumentUse: ReachCondition] = [:]
  /// Whether the limit was exceeded: everything may then be reached.
  private(set) var gaveUp = false

  private var chains: [Chain] = []
  private var chainIndex: [ChainKey: Int] = [:]
  private var arrivals: [Arrival] = []
  private var exact: [StateKey: Int] = [:]
  private var exactCount: [Point: Int] = [:]
  private var merged: [Point: Int] = [:]
  /// By arrival the variable that decides its jump.
  private var variables: [Int: Int] = [:]
  private var pending: [Int] = []
  private var steps = 0
  private let budget: Int

  private static let maximumSteps = 4_000_000
  /// How many instructions are followed before paths are merged: some for each instruction of the program.
  private static let (stepsOfProgram, stepsOfInstruction) = (16_000, 8)
  /// How many states of one instruction are followed separately.
  private static let maximumStates = 2048
  /// The verifier's limit on frames.
  private static let maximumDepth = 8
  private static let maximumChains = 2048

  /// The state of one function that is being executed.
  private struct Frame: Hashable {
    var registers: [AbstractValue]
    var stack = StackSlots()

    mutating func map(_ change: (AbstractValue) -> AbstractValue) {
      for index in registers.indices { registers[index] = change(registers[index]) }
      stack.map(change)
    }
  }

  /// Two numbers that were compared.
  private struct Pair: Hashable {
    let left: Int
    let right: Int
  }

  /// The state before an instruction.
  private struct State: Hashable {
    var frames: [Frame]
    /// The largest difference of two packet pointers in a comparison so far.
    var compared: [Pair: Int] = [:]

    subscript(register: Int) -> AbstractValue {
      get { frames[frames.count - 1].registers[register] }
      set { frames[frames.count - 1].registers[register] = newValue }
    }

    mutating func map(_ change: (AbstractValue) -> AbstractValue) {
      for index in frames.indices { frames[index].map(change) }
    }

    mutating func join(_ other: State) {
      for index in frames.indices {
        for register in frames[index].registers.indices {
          frames[index].registers[register] =
            frames[index].registers[register].joined(other.frames[index].registers[register])
        }
        frames[index].stack.join(other.frames[index].stack)
      }
      compared.merge(other.compared) { max($0, $1) }
    }
  }

  private struct Arrival {
    let point: Point
    var state: State
    var condition: ReachCondition
    var isPending = true
  }

  /// An instruction, in the context of a chain of calls.
  private struct Point: Hashable {
    let chain: Int
    let instruction: Int
  }

  private struct StateKey: Hashable {
    let point: Point
    let state: State

    func hash(into hasher: inout Hasher) {
      var digest = AbstractValue.mix(UInt64(point.chain), UInt64(point.instruction))
      for frame in state.frames {
        for value in frame.registers { digest = AbstractValue.mix(digest, value.digest) }
        digest = AbstractValue.mix(digest, frame.stack.digest)
      }
      hasher.combine(digest)
    }
  }

  private struct ChainKey: Hashable {
    let caller: Point?
    let function: Int
  }

  private struct Chain {
    let function: Int
    /// `nil` for the program itself, for a function that the verifier checks separately, and for a callback.
    let caller: Point?
  }

  /// - Parameters:
  ///   - program: the index of the program's function.
  ///   - numbers: the arguments in its context that are numbers to the verifier.
  init(_ code: ProgramCode, _ facts: KernelFacts, program: Int, numbers: Set<Int> = []) {
    self.code = code
    self.facts = facts
    context = ContextTraits(section: code.functions[program].section, numbers: numbers)
    conditions = Array(repeating: .never, count: code.instructions.count)
    let closure = code.closure(of: program)
    let size = closure.reduce(0) { $0 + code.functions[$1].instructions.count }
    budget = Reachability.stepsOfProgram + Reachability.stepsOfInstruction * size
    if !facts.traits.checksCalledFunctionsOnly {
      for function in closure where function != program && code.functions[function].isGlobal {
        start(function, condition: .always)
      }
    }
    var registers = [AbstractValue](repeating: .unknown, count: 16)
    registers[1] = .context(0)
    start(program, registers: registers, condition: .always)
    while let next = pending.popLast(), !gaveUp {
      arrivals[next].isPending = false
      follow(next)
    }
    if gaveUp {
      for function in closure {
        for index in code.functions[function].instructions { conditions[index].formUnion(.perhaps) }
      }
    }
  }

  // MARK: Results

  /// By instruction.
  var levels: [Level] { conditions.map { $0.level(variables) } }
  var nullUses: [NullUse: Level] { nullUseConditions.mapValues { $0.level(variables) } }
  var contextReads: [ContextRead: Level] { contextReadConditions.mapValues { $0.level(variables) } }
  var argumentUses: [ArgumentUse: Level] { argumentUseConditions.mapValues { $0.level(variables) } }

  // MARK: Paths

  /// Follows a function that is never called, or whose calls are not followed separately.
  private mutating func start(_ function: Int, registers known: [AbstractValue]? = nil, condition: ReachCondition) {
    guard code.functions.indices.contains(function) else { return }
    let chain = self.chain(ChainKey(caller: nil, function: function))
    let first = code.functions[function].instructions.lowerBound
    var registers = known ?? [AbstractValue](repeating: .unknown, count: 16)
    for register in code.functions[function].numbers where known == nil {
      registers[register] = .runtime(RuntimeNumber(id: -register))
    }
    registers[10] = .stack(frame: 0, 0)
    arrive(Point(chain: chain, instruction: first), State(frames: [Frame(registers: registers)]), condition)
  }

  private mutating func chain(_ key: ChainKey) -> Int {
    if let known = chainIndex[key] { return known }
    chains.append(Chain(function: key.function, caller: key.caller))
    chainIndex[key] = chains.count - 1
    return chains.count - 1
  }

  /// Adds a path to an instruction; its successors are visited again if this changes what is known of it.
  private mutating func arrive(_ point: Point, _ state: State, _ condition: ReachCondition) {
    guard code.functions[chains[point.chain].function].instructions.contains(point.instruction) else {
      // The verifier refuses such a jump.
      gaveUp = true
      return
    }
    let key = StateKey(point: point, state: state)
    if let known = exact[key] { return update(known, state, condition) }
    if steps < budget, exactCount[point, default: 0] < Reachability.maximumStates {
      exact[key] = arrivals.count
      exactCount[point, default: 0] += 1
      add(Arrival(point: point, state: state, condition: condition))
    } else if let known = merged[point] {
      var joined = arrivals[known].state
      joined.join(state)
      update(known, joined, condition)
    } else {
      merged[point] = arrivals.count
      add(Arrival(point: point, state: state, condition: condition))
    }
  }

  private mutating func add(_ arrival: Arrival) {
    pending.append(arrivals.count)
    arrivals.append(arrival)
  }

  private mutating func update(_ index: Int, _ state: State, _ condition: ReachCondition) {
    var either = arrivals[index].condition
    either.formUnion(condition)
    guard either != arrivals[index].condition || state != arrivals[index].state else { return }
    arrivals[index].condition = either
    arrivals[index].state = state
    guard !arrivals[index].isPending else { return }
    arrivals[index].isPending = true
    pending.append(index)
  }

  // MARK: Straight code

  /// Follows the instructions from an arrival to the next one where paths join or split.
  private mutating func follow(_ number: Int) {
    let (point, condition) = (arrivals[number].point, arrivals[number].condition)
    var (state, index) = (arrivals[number].state, point.instruction)
    let function = code.functions[chains[point.chain].function].instructions
    while function.contains(index) {
      steps += 1
      if steps > Reachability.maximumSteps {
        gaveUp = true
        return
      }
      conditions[index].formUnion(condition)
      let instruction = code.instructions[index]
      let at = Point(chain: point.chain, instruction: index)
      switch instruction.kind {
      case .arithmetic32, .arithmetic64: compute(at, instruction, &state)
      case .load:
        load(at, instruction, &state, condition)
        if instruction.isWideLoad { index += 1 }
      case .loadFromMemory:
        let value = read(at, instruction, state, condition)
        define(instruction.destination, value, &state)
      case .store, .storeRegister: write(at, instruction, &state, condition)
      case .jump, .jump32:
        if instruction.isExit { return leave(point.chain, state, condition) }
        guard instruction.isCall else { return jump(number, at, instruction, state, condition) }
        guard call(at, instruction, &state, condition) else { return }
      }
      index += 1
      // Another path may lead here.
      if code.isJoin[index] { return arrive(Point(chain: point.chain, instruction: index), state, condition) }
    }
    // The verifier does not allow a function to end without an exit.
    gaveUp = true
  }

  /// The id of what an instruction computes.
  private func id(_ at: Point) -> Int { at.chain * code.instructions.count + at.instruction }

  /// Sets a register. If it is a new number with the id of an older one, the older one may be anything.
  private func define(_ register: Int, _ value: AbstractValue, _ state: inout State) {
    let previous = state[register]
    state[register] = .unknown
    switch value {
    case .runtime(let number) where value != previous:
      state.map { old in
        guard case .runtime(let other) = old, other.family == number.id || other.id == number.id, old != value else {
          return old
        }
        return .unknown
      }
    case .nullable(let id, _, _):
      state.map { if case .nullable(id, _, _) = $0 { .unknown } else { $0 } }
    default: break
    }
    state[register] = value
  }

  private func compute(_ at: Point, _ instruction: Instruction, _ state: inout State) {
    let left = state[instruction.destination]
    var right: AbstractValue
    if instruction.isWithRegister {
      right = state[instruction.source]
    } else {
      right = .constant(UInt64(bitPattern: Int64(instruction.immediate)))
      switch facts.effects[at.instruction] {
      case .constant(let value)?:
        right = .constant(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: Int64(bitPattern: value)))))
      // An offset that differs between kernels, but not between verifiers of one.
      case .unknown?, .invalid?: right = .unknown
      case .refused?, nil: break
      }
    }
    if instruction.operation == Instruction.Arithmetic.move, instruction.kind == .arithmetic64, instruction.offset == 0
    {
      state[instruction.destination] = right
      return
    }
    let value = AbstractValue.computed(instruction, left, right, id: id(at), facts.traits)
    if case .runtime(let number) = value, number.id == id(at) { return define(instruction.destination, value, &state) }
    state[instruction.destination] = value
  }

  /// 64-bit immediate loads, and the legacy loads of packet data.
  private mutating func load(_ at: Point, _ instruction: Instruction, _ state: inout State, _ condition: ReachCondition)
  {
    let index = at.instruction
    guard instruction.isWideLoad else {
      for register in 1...5 { state[register] = .unknown }
      return define(0, .runtime(RuntimeNumber(id: id(at), mask: 0xffff_ffff)), &state)
    }
    let value: AbstractValue
    switch code.references[index] {
    case .function(let function)?:
      // Nothing is known of what is done with the address.
      start(function, condition: condition.and(.single(variable: nil)))
      value = .function(function)
    case .symbol(let symbol)?: value = facts.address(of: symbol)
    case .constant(let constant)?: value = .address(constant)
    case .data?: value = .memory
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

  // MARK: Memory

  private mutating func read(
    _ at: Point, _ instruction: Instruction, _ state: State, _ condition: ReachCondition
  ) -> AbstractValue {
    let (offset, bytes) = (Int(instruction.offset), Int(instruction.memoryBytes))
    let isPlain = instruction.mode == Instruction.Mode.memory
    let number = RuntimeNumber(id: id(at), bytes: bytes)
    switch state[instruction.source] {
    case .stack(let frame, let base?):
      guard isPlain, state.frames.indices.contains(frame) else { return .any }
      return state.frames[frame].stack.read(at: base + offset, bytes: bytes, id: id(at), facts.traits)
    case .stack, .any: return .any
    case .context(let base):
      let at = base + offset
      contextReadConditions[ContextRead(offset: at, instruction: number.id % code.instructions.count), default: .never]
        .formUnion(condition)
      guard isPlain else { return .unknown }
      if context.isPacket(at, bytes: bytes) {
        var pointer = RuntimeNumber(id: number.id)
        pointer.packet = 0
        return .runtime(pointer)
      }
      if context.hasArguments, bytes == 8, at % 8 == 0 { return .argument(at / 8) }
      return context.hasArguments ? .unknown : .runtime(number)
    case .argument(let slot):
      argumentUseConditions[ArgumentUse(slot: slot, instruction: at.instruction), default: .never].formUnion(condition)
      return isPlain && bytes < 8 ? .runtime(number) : .opaque
    case .address(let constant):
      guard isPlain else { return .unknown }
      return facts.traits.readsConstants ? facts.value(of: constant) : .runtime(number)
    case .memory, .runtime: return isPlain ? .runtime(number) : .unknown
    case .opaque, .nullable: return isPlain && bytes < 8 ? .runtime(number) : .opaque
    case .absentSymbol(let symbol):
      nullUseConditions[NullUse(symbol: symbol, instruction: at.instruction), default: .never].formUnion(condition)
      return .unknown
    case .unknown, .number, .computed, .loaded, .function: return .unknown
    }
  }

  private mutating func write(
    _ at: Point, _ instruction: Instruction, _ state: inout State, _ condition: ReachCondition
  ) {
    let isAtomic = instruction.kind == .storeRegister && instruction.mode == Instruction.Mode.atomic
    switch state[instruction.destination] {
    case .stack(let frame, let base?) where state.frames.indices.contains(frame):
      let (start, bytes) = (base + Int(instruction.offset), Int(instruction.memoryBytes))
      if isAtomic {
        state.frames[frame].stack.forget(from: start, to: start + bytes)
      } else {
        var value = state[instruction.source]
        let isImmediate = instruction.kind == .store
        if isImmediate {
          value = .constant(UInt64(bitPattern: Int64(instruction.immediate)))
          if facts.effects[at.instruction] != nil { value = .unknown }
        }
        let cut = id(at)
        state.frames[frame].stack.map { old in
          if case .runtime(let number) = old, number.id == cut || number.family == cut { .unknown } else { old }
        }
        state.frames[frame].stack.write(
          value, at: start, bytes: bytes, isImmediate: isImmediate, id: cut, facts.traits)
      }
    case .stack(let frame, _) where state.frames.indices.contains(frame): state.frames[frame].stack.forgetAll()
    case .stack, .any: forgetStacks(&state)
    case .absentSymbol(let symbol):
      nullUseConditions[NullUse(symbol: symbol, instruction: at.instruction), default: .never].formUnion(condition)
    case .argument(let slot):
      argumentUseConditions[ArgumentUse(slot: slot, instruction: at.instruction), default: .never].formUnion(condition)
    case .unknown, .runtime, .number, .computed, .context, .address, .loaded, .memory, .nullable, .opaque, .function:
      break
    }
    guard isAtomic else { return }
    state[instruction.source] = .any
    state[0] = .any
  }

  private func forgetStacks(_ state: inout State) {
    for index in state.frames.indices { state.frames[index].stack.forgetAll() }
  }

  // MARK: Jumps

  private mutating func jump(
    _ number: Int, _ at: Point, _ instruction: Instruction, _ state: State, _ condition: ReachCondition
  ) {
    let target = Point(chain: at.chain, instruction: at.instruction + 1 + instruction.jumpDistance)
    let next = Point(chain: at.chain, instruction: at.instruction + 1)
    if instruction.operation == Instruction.Jump.always {
      guard !instruction.isWithRegister else {
        // An indirect jump through a table.
        gaveUp = true
        return
      }
      return arrive(target, state, condition)
    }
    if instruction.operation == Instruction.Jump.mayGoto {
      // The verifier follows both, and forgets numbers that a loop changes.
      arrive(target, state, condition)
      return arrive(next, state, condition)
    }
    let left = state[instruction.destination]
    let right =
      instruction.isWithRegister
      ? state[instruction.source] : .constant(UInt64(bitPattern: Int64(instruction.immediate)))
    var outcome = AbstractValue.outcome(instruction, left, right, version: facts.versionConstant, facts.traits)
    var state = state
    compare(instruction, left, right, &outcome, &state)
    variables[number] = outcome.variable
    for (isTaken, side, point) in [(false, outcome.notTaken, next), (true, outcome.taken, target)] where side != .never
    {
      var branch = state
      refine(instruction, left, right, isTaken: isTaken, &branch)
      let isCertain = side == .certain
      arrive(
        point, branch,
        isCertain
          ? condition : condition.and(.init(arrival: number, isTaken: isTaken), variable: outcome.variable))
    }
  }

  /// Notes what is compared, where the verifier may know the result of a second comparison.
  private func compare(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, _ outcome: inout JumpOutcome,
    _ state: inout State
  ) {
    switch (left, right) {
    case (.runtime(let a), .runtime(let b)):
      guard let first = a.packet, let second = b.packet else { return }
      let pair = Pair(left: min(a.family, b.family), right: max(a.family, b.family))
      let distance = a.family < b.family ? first - second : second - first
      // A larger distance from the end of a packet than any before is not decided.
      if let known = state.compared[pair], abs(distance) <= known { outcome = .unclear }
      state.compared[pair] = max(state.compared[pair] ?? 0, abs(distance))
    case (.argument(let slot), _) where right.concrete != nil && context.numbers.contains(slot):
      let pair = Pair(left: -1 - slot, right: -1)
      if state.compared[pair] == nil { outcome = .both }
      state.compared[pair] = 0
    default: break
    }
  }

  /// Adds what a branch shows of the numbers that were compared.
  private func refine(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, isTaken: Bool, _ state: inout State
  ) {
    let is32 = instruction.kind == .jump32
    func replace(_ number: RuntimeNumber, by value: AbstractValue?) {
      guard number.packet == nil else { return }
      state.map { old in
        guard case .runtime(let other) = old, other.family == number.family else { return old }
        return other.id == number.id ? value ?? .unknown : .unknown
      }
    }
    switch (left, right) {
    case (.runtime(let a), .runtime(let b)):
      replace(a, by: nil)
      replace(b, by: nil)
    case (.runtime(let number), _):
      replace(
        number,
        by: right.concrete.flatMap {
          number.refined(instruction.operation, is32 ? $0 & 0xffff_ffff : $0, isTrue: isTaken, is32: is32)
        })
    case (_, .runtime(let number)):
      let value = left.concrete.flatMap { first in
        instruction.mirroredOperation.flatMap {
          number.refined($0, is32 ? first & 0xffff_ffff : first, isTrue: isTaken, is32: is32)
        }
      }
      replace(number, by: value)
    case (.nullable(let id, _, let isMemory), _) where right.concrete == 0:
      let isNull: Bool
      switch instruction.operation {
      case Instruction.Jump.equal: isNull = isTaken
      case Instruction.Jump.notEqual: isNull = !isTaken
      default: return
      }
      state.map { old in
        guard case .nullable(id, _, _) = old else { return old }
        return isNull ? .computed(0) : isMemory ? .memory : .opaque
      }
    default: break
    }
  }

  // MARK: Calls

  /// - Returns: whether the instructions after the call should be followed from here.
  private mutating func call(
    _ at: Point, _ instruction: Instruction, _ state: inout State, _ condition: ReachCondition
  ) -> Bool {
    guard case .function(let callee)? = code.references[at.instruction] else {
      callKernel(at, instruction, &state, condition)
      return true
    }
    let key = ChainKey(caller: at, function: callee)
    let isKnown = chainIndex[key] != nil || chains.count < Reachability.maximumChains
    guard state.frames.count < Reachability.maximumDepth, isKnown, !code.functions[callee].isGlobal else {
      start(callee, condition: condition)
      if (1...5).contains(where: { state[$0].mayBeStack }) { forgetStacks(&state) }
      end(&state)
      define(0, code.functions[callee].isGlobal ? .runtime(RuntimeNumber(id: id(at))) : .unknown, &state)
      return true
    }
    var registers = [AbstractValue](repeating: .unknown, count: 16)
    for register in 1...5 { registers[register] = state[register] }
    registers[10] = .stack(frame: state.frames.count, 0)
    end(&state)
    state[0] = .unknown
    state.frames.append(Frame(registers: registers))
    let first = code.functions[callee].instructions.lowerBound
    arrive(
      Point(chain: chain(key), instruction: first), state, condition)
    return false
  }

  /// A helper or a kernel function.
  private mutating func callKernel(
    _ at: Point, _ instruction: Instruction, _ state: inout State, _ condition: ReachCondition
  ) {
    let helper = HelperTraits(instruction, symbol: symbol(at.instruction))
    for register in 1...5 {
      switch state[register] {
      case .stack(let frame, let offset?) where state.frames.indices.contains(frame):
        if code.hasCallbacks {
          // A callback may write anywhere.
          forgetStacks(&state)
        } else if helper.writes == register, let bytes = state[register + 1].constant, bytes <= 512 {
          let id = id(at)
          state.map { if case .runtime(let number) = $0, number.id == id { .unknown } else { $0 } }
          state.frames[frame].stack.scramble(from: offset, bytes: Int(bytes))
        } else if !helper.onlyReads, helper.writes == nil || helper.writes == register {
          // A callee may write through a pointer from its offset on.
          state.frames[frame].stack.forget(from: offset)
        }
      case .stack(let frame, nil) where state.frames.indices.contains(frame): state.frames[frame].stack.forgetAll()
      case .stack, .any: if register <= helper.parameters { forgetStacks(&state) }
      case .absentSymbol(let symbol):
        nullUseConditions[NullUse(symbol: symbol, instruction: at.instruction), default: .never].formUnion(condition)
      case .function(let callback):
        // Newer verifiers do not follow what is repeated no time.
        let isRepeated = !helper.isLoop || (state[1].concrete ?? 1) != 0
        start(
          callback,
          condition: isRepeated ? condition : condition.and(.single(variable: nil)))
      case .unknown, .runtime, .number, .computed, .context, .argument, .address, .loaded, .memory, .nullable, .opaque:
        break
      }
    }
    end(&state)
    switch helper.result {
    case .number: define(0, .runtime(RuntimeNumber(id: id(at))), &state)
    case .nullable(let isCertain): define(0, .nullable(id: id(at), isCertain: isCertain, isMemory: true), &state)
    case .other: define(0, .nullable(id: id(at), isCertain: false, isMemory: false), &state)
    }
  }

  /// The kernel function that an instruction calls.
  private func symbol(_ index: Int) -> String? {
    guard case .symbol(let number)? = code.references[index] else { return nil }
    return code.symbols[number].name
  }

  /// The registers that a call overwrites.
  private func end(_ state: inout State) {
    for register in 1...5 { state[register] = .unknown }
  }

  private mutating func leave(_ chain: Int, _ state: State, _ condition: ReachCondition) {
    guard let caller = chains[chain].caller else { return }
    var state = state
    let callee = state.frames.removeLast()
    let depth = state.frames.count
    // The callee's stack does not exist any more.
    state.map { if case .stack(depth, _) = $0 { .unknown } else { $0 } }
    let result = callee.registers[0]
    if case .stack(depth, _) = result { state[0] = .unknown } else { state[0] = result }
    arrive(Point(chain: caller.chain, instruction: caller.instruction + 1), state, condition)
  }
}
