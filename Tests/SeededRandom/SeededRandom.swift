/// The same numbers for the same seed on every machine: SplitMix64.
///
/// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// - Parameter number: which of a seed's mutations: each has its own stream, so that a single one can be run.
  public init(seed: UInt64, number: Int) {
    state = seed &+ UInt64(number) &* 0xd134_2543_de82_ef95
    _ = next()
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
