import Glibc
import Green
import GreenHTTP
import SystemPackage

/// A stream that delivers given pieces, and keeps what is sent.
final class ScriptedStream: ByteStream {
  enum Step {
    case bytes([UInt8])
    case failure(Errno)
    case end
  }

  private var steps: ArraySlice<Step>
  private(set) var sent: [UInt8] = []
  private(set) var sends = 0
  /// Where the bytes of each send lay.
  private(set) var places: [UnsafeRawBufferPointer] = []
  private(set) var receives = 0
  /// How long each receive would have waited at most, in seconds.
  private(set) var patience: [Double] = []
  /// What a send throws.
  var sendFailure: Errno?
  /// What was sent before each receive.
  private(set) var sentAtReceive: [Int] = []
  let peerDescription = "127.0.0.1:40312"

  init(_ steps: [Step]) { self.steps = steps[...] }

  convenience init(_ text: String) { self.init([.bytes(Array(text.utf8)), .end]) }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    precondition(!buffer.isEmpty, "a receive into no memory cannot be told from the end of the stream")
    receives += 1
    sentAtReceive.append(sent.count)
    patience.append(Double(deadline.nanoseconds - Deadline.now.nanoseconds) / 1e9)
    guard let step = steps.popFirst() else { return 0 }
    switch step {
    case .end: return 0
    case .failure(let error): throw error
    case .bytes(let bytes):
      let count = min(buffer.count, bytes.count)
      buffer.copyBytes(from: bytes[..<count])
      if count < bytes.count { steps = [.bytes(Array(bytes[count...]))] + steps }
      return count
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    if let sendFailure { throw sendFailure }
    sends += 1
    places.append(bytes)
    sent.append(contentsOf: bytes)
  }
}

extension ScriptedStream {
  /// A stream that delivers `text` in pieces cut by `seed`, or byte by byte without one.
  static func pieces(_ text: [UInt8], seed: UInt64?) -> ScriptedStream {
    var random = Seeded(seed ?? 0)
    var steps: [Step] = []
    var rest = text[...]
    while !rest.isEmpty {
      let count = seed == nil ? 1 : min(rest.count, Int.random(in: 1...40, using: &random))
      steps.append(.bytes(Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    return ScriptedStream(steps + [.end])
  }
}

/// A small generator whose runs can be repeated (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
