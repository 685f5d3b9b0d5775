import Foundation
import Green

/// Asks for a path on a connection of its own; the whole answer, head and body. Blocks the calling thread.
func ask(_ port: UInt16, _ path: String, method: String = "GET") throws -> String {
  let deadline = Deadline.after(.seconds(120))
  let socket = try Socket.connect(to: SocketAddress(host: "127.0.0.1", port: port)!, until: deadline)
  defer { socket.close() }
  let request = "\(method) \(path) HTTP/1.1\r\nHost: a\r\nX-Request-ID: test\(path)\r\nConnection: close\r\n\r\n"
  try Array(request.utf8).withUnsafeBytes { try socket.send($0, until: deadline) }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = try buffer.withUnsafeMutableBytes({ try socket.receive(into: $0, until: deadline) }), count > 0
  {
    answer += buffer[..<count]
  }
  return String(decoding: answer, as: UTF8.self)
}

/// The body of the answer.
func get(_ port: UInt16, _ path: String) throws -> String {
  let answer = try ask(port, path)
  guard answer.hasPrefix("HTTP/1.1 200"), let head = answer.range(of: "\r\n\r\n") else {
    throw Failure("the answer is '\(answer)'")
  }
  return String(answer[head.upperBound...])
}

/// Makes `count` calls at once, each on a thread of its own, and waits for all.
func atOnce<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
  let results = Green.Mutex([Int: Result<Value, any Error>]())
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread.detachNewThread {
      let result = Result { try body(index) }
      results.withLock { $0[index] = result }
      group.leave()
    }
  }
  group.wait()
  return try (0..<count).map { index in try results.withLock { $0[index]! }.get() }
}

/// A port that nothing listens on: below the range from which the kernel takes the ports of outgoing connections.
func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<32_000)
    if let listener = try? Listener.bind(SocketAddress(host: "127.0.0.1", port: port)!) {
      listener.close()
      return port
    }
  }
  throw Failure("no free port")
}
