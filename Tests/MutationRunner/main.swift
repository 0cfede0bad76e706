// Runs mutations of objects, one after the other, and records in a file which one is running: if the process dies, the
// file shows which one caused it. `BadInputTests` starts it; by hand, also built with `--sanitize=address`:
//
//     MutationRunner SEED FIRST COUNT PROGRESS OBJECT...
//     MutationRunner SEED NUMBER save OUTPUT OBJECT...     one mutation's bytes, for other tools
import BPF
import Bytes
import Files
import Glibc
import SeededRandom

let arguments = CommandLine.arguments
guard arguments.count >= 6, let seed = UInt64(arguments[1]), let first = Int(arguments[2]) else {
  print("usage: MutationRunner SEED FIRST COUNT PROGRESS OBJECT...")
  exit(2)
}
let files = try arguments[5...].map { try FileContent(path: $0) }
let mutators = files.map { Mutator($0.bytes) }

if arguments[3] == "save" {
  var random = SeededRandom(seed: seed, number: first)
  _ = try AtomicOutput.write(ByteRope(mutators[first % mutators.count].mutated(&random)), to: arguments[4])
  exit(0)
}
guard let count = Int(arguments[3]) else { exit(2) }
try run(seed: seed, first: first, count: count, progress: arguments[4], files, mutators)

func run(seed: UInt64, first: Int, count: Int, progress path: String, _ files: [FileContent], _ mutators: [Mutator])
  throws
{
  let progress = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
  precondition(progress >= 0, "cannot open \(path)")
  // An object that is refused as it is (its externs are undefined) is still one for the linker.
  let originals = mutators.map { try? BPFObject($0.original, name: "sample", assertMembers: true) }
  var refused = 0
  var slowest = (nanos: 0 as Int64, number: first)
  let budgetKiB = peakKiB() + 256 << 10

  for number in first..<first + count {
    // Every second one is also linked, by itself and after the object that follows it in the list.
    let which = number % mutators.count
    let partner = number / mutators.count % 2 == 0 ? files[(which + 1) % files.count].bytes : nil
    let record = "\(number)\n"
    pwrite(progress, record, record.utf8.count, 0)
    // A hang ends by this signal, and the record names it.
    alarm(20)
    let start = nanos()
    var random = SeededRandom(seed: seed, number: number)
    let bytes = mutators[which].mutated(&random)
    if Exercise.run(bytes, against: originals[which], linkedWith: partner) == .refused { refused += 1 }
    let taken = nanos() - start
    if taken > slowest.nanos { slowest = (taken, number) }
    require(taken < 5_000_000_000, "mutation \(number) took \(taken / 1_000_000) ms")
    require(peakKiB() < budgetKiB, "mutation \(number) took the process to \(peakKiB()) KiB")
  }
  print(
    "seed \(seed): \(count) mutations from \(first) on, \(refused) refused, \(count - refused) gave headers, "
      + "slowest \(slowest.nanos / 1_000_000) ms (\(slowest.number)), peak \(peakKiB() / 1024) MiB")
}

/// The time that this process had a core: other load on the machine does not count.
func nanos() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

func peakKiB() -> Int {
  var usage = rusage()
  getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss
}
