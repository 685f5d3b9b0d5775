import Foundation

/// An HTTP client on one connection, which sends what it is told to, right or wrong.
protocol OneConnectionClient: AnyObject {
  func send(_ bytes: [UInt8]) throws
  /// Reads one answer with a Content-Length.
  func receive() throws -> Client.Response
}

extension OneConnectionClient {
  /// Sends a request and reads its answer.
  func exchange(_ request: String) throws -> Client.Response {
    try send(Array(request.utf8))
    return try receive()
  }

  func get(_ path: String) throws -> Client.Response { try exchange("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n") }
}

/// A plain blocking client.
final class Client: OneConnectionClient {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Connects; every wait of the client ends after some seconds.
  init(port: UInt16, timeout: Int = Int(patience)) throws {
    descriptor = socket(AF_INET, 1, 0)
    var time = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = loopbackAddress(port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      // Every property has its value, so deinit runs and closes the descriptor.
      let error = errno
      throw Failure("connect to port \(port): errno \(error)")
    }
  }

  deinit { close(descriptor) }

  struct Response {
    let status: Int
    let head: String
    let body: String
    var closes: Bool { head.lowercased().contains("connection: close") }
  }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure("send: errno \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  func receive() throws -> Response {
    while true {
      if let answer = try Response(takenFrom: &buffer) { return answer }
      guard try receiveMore() else { throw Failure("the connection ended; received: \(buffer.count) bytes") }
    }
  }

  /// Whether the server closes the connection without another byte.
  func isClosedByServer() throws -> Bool { try buffer.isEmpty && !receiveMore() }

  /// Whether the server ends the connection, and does not reset it.
  func endsInOrder() throws -> Bool {
    while true {
      var chunk = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0 && (errno == EAGAIN || errno == EINTR) { throw Failure("no end in time") }
      if count <= 0 { return count == 0 }
    }
  }

  /// Whether the server has closed or reset the connection without a byte.
  func isGone() throws -> Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, 0)
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
  }

  /// The client's own address, as a server sees it.
  var address: String {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
  }

  /// Waits until the server has sent something, without reading it.
  func waitForSome() throws {
    guard try receivesSomething(within: Int32(patience * 1000)) else { throw Failure("nothing came in time") }
  }

  /// Whether the server sends something, or ends the connection, within so many milliseconds.
  func receivesSomething(within milliseconds: Int32) throws -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) == 1
  }

  /// Reads to the end of the connection; how many bytes there were.
  func discard() throws -> Int {
    var count = buffer.count
    buffer = []
    var room = [UInt8](repeating: 0, count: 262_144)
    while true {
      let received = recv(descriptor, &room, room.count, 0)
      guard received >= 0 else { throw Failure("recv: errno \(errno)") }
      if received == 0 { return count }
      count += received
    }
  }

  /// What comes to the end of the connection.
  func rest() throws -> String {
    while try receiveMore() {}
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  private func receiveMore() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 && (errno == EAGAIN || errno == EINTR) { throw Failure("no answer in time") }
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }
}

extension Client.Response {
  /// Takes an answer with a Content-Length off the front of what has come; `nil` where it is not whole yet.
  init?(takenFrom buffer: inout [UInt8]) throws {
    guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)).map(\.upperBound) else { return nil }
    let head = String(decoding: buffer[..<end], as: UTF8.self)
    let length =
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
    guard buffer.count >= end + length else { return nil }
    let body = String(decoding: buffer[end..<(end + length)], as: UTF8.self)
    buffer.removeFirst(end + length)
    guard let status = Int(head.dropFirst(9).prefix(3)) else { throw Failure("no status in: \(head)") }
    self.init(status: status, head: head, body: body)
  }
}

/// One request on a connection of its own.
func get(_ port: UInt16, _ path: String, timeout: Int = Int(patience)) throws -> Client.Response {
  try Client(port: port, timeout: timeout).exchange("GET \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
}

/// Makes `count` calls at once, each on a thread of its own, and waits for all.
func atOnce<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) -> [Result<
  Value, any Error
>] {
  nonisolated(unsafe) var results = [Result<Value, any Error>?](repeating: nil, count: count)
  let lock = NSLock()
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    let thread = Thread {
      let result = Result { try body(index) }
      lock.withLock { results[index] = result }
      group.leave()
    }
    thread.stackSize = 256 * 1024
    thread.start()
  }
  group.wait()
  return results.map { $0! }
}
