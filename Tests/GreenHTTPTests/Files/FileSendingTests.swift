import Glibc
import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// Files on their way through a socket, by `sendfile(2)`.
@Suite(.bounded) struct FileSendingTests {
  private let folder = TemporaryFolder()
  private let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  private func put(_ count: Int) -> String {
    folder.put("large", (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    return "\(folder.path)/large"
  }

  /// Serves one connection, whose other end `client` is given.
  private func serve(
    _ path: String, observer: Recorder = Recorder(), patience: Duration = .seconds(30),
    _ client: (Socket) throws -> Void
  ) throws {
    let (near, far) = try Socket.pair()
    try near.setOption(.sendBufferSize, to: 65_536)
    var configuration = HTTPConfiguration()
    configuration.limits.writeDeadline = patience
    let handler = Handler { try File(path).response(for: $0) }
    let connection = HTTPConnection(
      stream: near, application: handler, configuration: configuration, observer: observer)
    let serving = Fiber.spawn {
      connection.serve()
      near.close()
    }
    try Array(get.utf8).withUnsafeBytes { try far.send($0) }
    try client(far)
    try serving.value
  }

  private func readAll(_ socket: Socket) throws -> [UInt8] {
    var all: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { room in
      while case let count = try socket.receive(into: room, until: .after(.seconds(60))), count > 0 {
        all += room[..<count]
      }
    }
    return all
  }

  private func waitForSome(_ socket: Socket) throws {
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { try socket.peek(into: $0) }
  }

  private func body(_ answer: [UInt8]) -> ArraySlice<UInt8> {
    answer[answer.firstRange(of: Array("\r\n\r\n".utf8))!.upperBound...]
  }

  @Test(arguments: [1, 15_000, 16_384, 16_385, 70_000, 5_000_000])
  func aFileOfAnyLengthArrivesWhole(count: Int) throws {
    let path = put(count)
    try onHub {
      var answer: [UInt8] = []
      try serve(path) { answer = try readAll($0) }
      #expect(body(answer).elementsEqual((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }))
    }
  }

  @Test func outsideFibersToo() throws {
    let path = put(3_000_000)
    let (near, far) = try Socket.pair()
    try inParallel([
      {
        HTTPConnection(stream: near, application: Handler { try File(path).response(for: $0) }).serve()
        near.close()
      },
      {
        try Array(get.utf8).withUnsafeBytes { try far.send($0) }
        #expect(try body(readAll(far)).count == 3_000_000)
      },
    ])
  }

  @Test func aFileThatIsMadeShorterEndsTheConnectionAndIsReported() throws {
    let path = put(4_000_000)
    try onHub {
      let recorder = Recorder()
      var answer: [UInt8] = []
      try serve(path, observer: recorder) { socket in
        try waitForSome(socket)
        truncate(path, 1_000_000)
        answer = try readAll(socket)
      }
      #expect(body(answer).count <= 1_000_000)
      #expect(recorder.events.last == "failed / a file of 4000000 bytes ended at 1000000 while it was sent")
    }
  }

  @Test func aFileThatGrowsIsSentAsItWas() throws {
    let path = put(2_000_000)
    try onHub {
      try serve(path) { socket in
        try waitForSome(socket)
        truncate(path, 9_000_000)
        #expect(try body(readAll(socket)).count == 2_000_000)
      }
    }
  }

  @Test func whatIsSentIsTheFileThatWasThere() throws {
    let path = put(2_000_000)
    try onHub {
      try serve(path) { socket in
        try waitForSome(socket)
        folder.put("other", [UInt8](repeating: 0, count: 2_000_000))
        rename("\(folder.path)/other", path)
        let body = try body(readAll(socket))
        #expect(body.elementsEqual((0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }))
      }
    }
  }

  @Test func aClientThatDoesNotReadIsLeft() throws {
    let path = put(4_000_000)
    try onHub {
      let recorder = Recorder()
      try serve(path, observer: recorder, patience: .milliseconds(100)) { _ in }
      #expect(!recorder.events.contains { $0.hasPrefix("failed") || $0.hasPrefix("finished") })
    }
  }

  @Test func aClientThatGoesAwayIsNoFailure() throws {
    let path = put(4_000_000)
    try onHub {
      let recorder = Recorder()
      try serve(path, observer: recorder) { $0.close() }
      #expect(!recorder.events.contains { $0.hasPrefix("failed") })
    }
  }

  @Test func manyFilesAtOnceDoNotHoldUpTheOthers() throws {
    let path = put(8_000_000)
    try onHub {
      // Eight clients that read as fast as they can, and a fiber that wants its turn meanwhile.
      var turns = 0
      let clients = (0..<8).map { _ in
        Fiber.spawn {
          try serve(path) { socket in
            let count = try body(readAll(socket)).count
            #expect(count == 8_000_000)
          }
        }
      }
      let other = Fiber.spawn {
        while true {
          try Fiber.sleep(for: .milliseconds(1))
          turns += 1
        }
      }
      for client in clients { try client.value }
      other.cancel()
      #expect(turns > 0)
    }
  }
}
