import Green
import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

/// Bodies that are read whole.
@Suite(.bounded) struct CollectTests {
  private static let any: HTTPConfiguration = {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 0
    return configuration
  }()

  private func post(_ body: [UInt8]) -> [UInt8] {
    Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  @Test(arguments: [1, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 5_000_000])
  func eachByteIsInItsPlace(_ count: Int) {
    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    for first in [0, 10] {
      let handler = Handler { request in
        var start = [UInt8](repeating: 0, count: min(first, count - 1))
        var read = 0
        while read < start.count {
          read += try start.withUnsafeMutableBytes { try request.body.read(into: .init(rebasing: $0[read...])) }
        }
        return Response(start + (try request.body.bytes()) == body ? "same" : "other")
      }
      let answers = serve(ScriptedStream([.bytes(post(body))]), with: handler, configuration: Self.any)
      #expect(answers.map(\.body) == ["same"])
    }
  }

  @Test func aWholeBodyCostsLittleMoreThanAStreamedOne() throws {
    let body = [UInt8](repeating: 120, count: 48_000_000)
    let times = Mutex<[String: Double]>([:])
    let handler = Handler { request in
      let time = try seconds {
        if request.path == "/whole" {
          #expect(try request.body.bytes().count == body.count)
        } else {
          var room = [UInt8](repeating: 0, count: 65_536)
          while try room.withUnsafeMutableBytes({ try request.body.read(into: $0) }) > 0 {}
        }
      }
      times.withLock { $0[request.path] = min($0[request.path] ?? .infinity, time) }
      return Response("")
    }
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    try inParallel([
      {
        for _ in 0..<14 {
          let socket = try listener.accept()
          HTTPConnection(stream: socket, application: handler, configuration: Self.any).serve()
        }
      },
      {
        for index in 0..<14 {
          let client = try Socket.connect(to: listener.address!)
          let path = index % 2 == 0 ? "whole" : "stream"
          let head = "POST /\(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
          try Array(head.utf8).withUnsafeBytes { try client.send($0) }
          try body.withUnsafeBytes { try client.send($0) }
          var room = [UInt8](repeating: 0, count: 1_000)
          while try room.withUnsafeMutableBytes({ try client.receive(into: $0) }) > 0 {}
        }
      },
    ])
    let (whole, stream) = times.withLock { ($0["/whole"]!, $0["/stream"]!) }
    // 1.1 times as much in a release build; 5.7 times when the array grew with each read.
    #expect(whole < 4 * stream)
  }
}
