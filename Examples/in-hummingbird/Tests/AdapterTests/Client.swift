import Foundation
import Green
import Servers

/// A connection to a server under test.
final class Client {
  let socket: Socket
  private var received: [UInt8] = []

  init(_ port: UInt16) throws {
    socket = try Socket.connect(to: SocketAddress(host: "127.0.0.1", port: port)!, until: .after(.seconds(30)))
  }

  deinit { socket.close() }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try socket.send($0, until: .after(.seconds(60))) } }

  /// Sends a request with a body, or without one.
  func request(_ method: String, _ path: String, _ fields: [String] = [], body: [UInt8]? = nil) throws {
    let all =
      ["\(method) \(path) HTTP/1.1", "Host: test"] + fields + (body.map { ["Content-Length: \($0.count)"] } ?? [])
    try send(Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
  }

  /// The next answer, with its body.
  func answer(toHead: Bool = false) throws -> Answer {
    var answer = try head()
    if toHead || answer.status == 204 || answer.status == 304 { return answer }
    if answer["transfer-encoding"] == "chunked" {
      while let chunk = try chunk() { answer.body += chunk }
    } else {
      answer.body = try take(Int(answer["content-length"] ?? "") ?? 0)
    }
    return answer
  }

  /// The head of the next answer.
  func head() throws -> Answer {
    let lines = String(decoding: try take(through: "\r\n\r\n"), as: UTF8.self).components(separatedBy: "\r\n")
    guard let status = Int(lines[0].split(separator: " ")[1]) else { throw Failure(lines[0]) }
    let fields = lines.dropFirst().filter { !$0.isEmpty }.map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (name: parts[0].lowercased(), value: parts[1].trimmingCharacters(in: .whitespaces))
    }
    return Answer(status: status, fields: fields)
  }

  /// The next chunk; `nil` for the last one, which is empty.
  func chunk() throws -> [UInt8]? {
    let line = String(decoding: try take(through: "\r\n").dropLast(2), as: UTF8.self)
    guard let count = Int(line, radix: 16) else { throw Failure("'\(line)' is not the length of a chunk") }
    let chunk = try take(count)
    _ = try take(2)
    return count == 0 ? nil : chunk
  }

  /// Whether the server has closed the connection without another byte.
  func isAtEnd() throws -> Bool { try received.isEmpty && receive() == 0 }

  private func take(through end: String) throws -> [UInt8] {
    let end = Array(end.utf8)
    while true {
      if let range = received.firstRange(of: end) { return try take(range.upperBound) }
      guard try receive() > 0 else { throw EarlyEnd(received: received.count) }
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count { guard try receive() > 0 else { throw EarlyEnd(received: received.count) } }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  private func receive() throws -> Int {
    let piece = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      count = try socket.receive(into: UnsafeMutableRawBufferPointer(buffer), until: .after(.seconds(30)))
    }
    received += piece
    return piece.count
  }
}

/// The connection ended where something was to come.
struct EarlyEnd: Error, Equatable {
  let received: Int
}

struct Answer {
  let status: Int
  let fields: [(name: String, value: String)]
  var body: [UInt8] = []

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
  func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// One request on a connection of its own.
func get(_ port: UInt16, _ path: String) throws -> Answer {
  let client = try Client(port)
  try client.request("GET", path)
  return try client.answer()
}

/// `count` requests at once, all answered with 200: how long they took together.
func getAtOnce(_ count: Int, _ port: UInt16, _ path: String) throws -> Duration {
  try onHub {
    let start = ContinuousClock.now
    let fibers = (0..<count).map { _ in
      Fiber.spawn {
        let answer = try get(port, path)
        guard answer.status == 200 else { throw Failure("\(answer.status) \(answer.text)") }
      }
    }
    for fiber in fibers { try fiber.value }
    return ContinuousClock.now - start
  }
}

/// Runs `body` as the first fiber of a hub, on a thread of its own.
func onHub<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let result = Mutex<Result<Value, any Error>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    let value = Mutex<Value?>(nil)
    let outcome = Result {
      try Hub.run {
        let made = try body()
        value.withLock { $0 = made }
      }
    }
    result.withLock { $0 = outcome.map { value.withLock { $0! } } }
    isDone.signal()
  }
  isDone.wait()
  return try result.withLock { $0! }.get()
}

/// Asks again and again, for a minute at most, until it is so.
func eventually(_ isSo: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<6000 {
    if try isSo() { return true }
    usleep(10_000)
  }
  return false
}
