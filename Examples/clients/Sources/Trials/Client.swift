internal import Foundation
internal import Servers

/// The body of an answer with status 200; a connection for each request.
func get(_ port: UInt16, _ path: String) throws -> String {
  let descriptor = tcpSocket()
  defer { close(descriptor) }
  var limit = timeval(tv_sec: 60, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else { throw Failure("connect: errno \(errno)") }
  let request = "GET \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
  guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
    throw Failure("send: errno \(errno)")
  }
  var answer: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = recv(descriptor, &part, part.count, 0)
    guard count >= 0 else { throw Failure("recv: errno \(errno)") }
    if count == 0 { break }
    answer += part.prefix(count)
  }
  let text = String(decoding: answer, as: UTF8.self)
  guard let end = text.firstRange(of: "\r\n\r\n") else { throw Failure("no answer") }
  guard text.hasPrefix("HTTP/1.1 200 ") || path == "/is-it-there" else { throw Failure(text) }
  return String(text[end.upperBound...])
}

/// Makes `count` calls at once, each on a thread of its own, and waits for all: how long that took, in seconds.
func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws -> Double {
  nonisolated(unsafe) var firstError: (any Error)?
  let lock = NSLock()
  let group = DispatchGroup()
  let threads = (0..<count).map { index in
    group.enter()
    let thread = Thread {
      do {
        try body(index)
      } catch {
        lock.withLock { firstError = firstError ?? error }
      }
      group.leave()
    }
    thread.stackSize = 256 * 1024
    return thread
  }
  let start = DispatchTime.now().uptimeNanoseconds
  for thread in threads { thread.start() }
  group.wait()
  if let firstError { throw firstError }
  return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
}
