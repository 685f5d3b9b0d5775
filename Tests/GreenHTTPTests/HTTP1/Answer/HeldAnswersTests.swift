import Green
import GreenHTTP
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Answers that are held, on connections whose client takes none.
@Suite(.bounded) struct HeldAnswersTests {
  /// A socket that takes 20 bytes of what is sent, and of the rest nothing until its time is over.
  private final class FullSocket: ByteStream {
    private let socket: Socket
    let isOver = Event()
    private(set) var sent = 0
    private(set) var sends = 0

    init(_ socket: Socket) { self.socket = socket }

    func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
      try socket.receive(into: buffer, until: deadline)
    }
    func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
      let count = isOver.isSet || sent == 0 ? min(20, bytes.count) : 0
      sent += count
      return count
    }
    func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
      sends += 1
      if sends == 1 {
        try isOver.wait()
        throw Errno.timedOut
      }
      sent += bytes.count
    }
    var peerDescription: String { socket.peerDescription }
  }

  /// Asks for four answers at once. The first is on its way while the others are made, one of them when it is broken off.
  @Test(arguments: [1, 2, 3])
  func nothingFollowsAnAnswerThatIsBrokenOff(during last: Int) throws {
    try onEverySchedule {
      let (near, far) = try Socket.pair()
      let stream = FullSocket(near)
      let begun = (0..<4).map { _ in Event() }
      let go = (0..<4).map { _ in Event() }
      let handler = Handler { request in
        let number = Int(request.target.dropFirst())!
        if number > 0 {
          begun[number].set()
          try go[number].wait()
        }
        return Response(request.target)
      }
      let serving = Fiber.spawn {
        HTTPConnection(stream: stream, application: handler).serve()
        near.close()
      }
      let requests = (0..<4).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
      try Array(requests.utf8).withUnsafeBytes { try far.send($0) }
      for number in 1...3 {
        try begun[number].wait(until: .after(.seconds(10)))
        try Fiber.sleep(for: .milliseconds(1))
        if number == last {
          stream.isOver.set()
          try Fiber.sleep(for: .milliseconds(1))
        }
        go[number].set()
      }
      try serving.value
      #expect(stream.sent == 20 && stream.sends == 1, "\(stream.sent) bytes in \(stream.sends) sends")
      far.close()
    }
  }
}
