// Bytes as a worker's requests: the same ones however they arrive, and answers that can be read back.
import FuzzSupport
import MutationRunner

@testable import bpfgen

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var choices = Choices(bytes(start, count))
  let middle = choices.number(below: 64)
  let stream = choices.bytes(count)
  let whole = requests([stream[...]])
  let inTwo = requests([stream.prefix(middle), stream.dropFirst(middle)])
  require(whole == inTwo, "requests that come in two pieces are others")
  for request in whole.found {
    let response = WorkResponse(
      exitCode: request.id &+ 1, output: request.arguments.joined(), id: request.id,
      wasCancelled: request.isCancellation)
    require(isRead(WorkFraming.bytes(response)), "an answer cannot be read")
  }
  return 0
}

private struct Requests: Equatable {
  var found: [WorkRequest] = []
  var isLost = false
}

private func requests(_ pieces: [ArraySlice<UInt8>]) -> Requests {
  var requests = Requests()
  var rest: ArraySlice<UInt8> = []
  for piece in pieces {
    rest += piece
    do throws(WorkFraming.Lost) {
      while let request = try WorkFraming.next(from: &rest) { requests.found.append(request) }
    } catch {
      requests.isLost = true
      return requests
    }
  }
  return requests
}

/// Requests and answers have the same frames.
private func isRead(_ answer: [UInt8]) -> Bool {
  var rest = answer[...]
  return (try? WorkFraming.next(from: &rest)) != nil && rest.isEmpty
}
