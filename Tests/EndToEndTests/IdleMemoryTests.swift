import CFiber
import Foundation
import SuiteSupport
import TestSupport
import Testing

@Suite(.serialized, .bounded) struct IdleMemoryTests {
  /// What a process has in memory, in bytes.
  private func resident(_ pid: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)
    guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure("no pages in: \(text)")
    }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// In a release build it is half of that; without optimisation frames are larger. A context of swapcontext takes up a page.
  @Test(.enabled(if: Sanitizer.current == nil))
  func idleConnectionsAreSmallAndLeaveNothing() throws {
    let server = try Server(["-k", "green", "-w", "1", "--worker-connections", "2000"])
    let worker = try #require(server.workers.first)
    _ = try get(server.port, "/pid")
    let before = try resident(worker)
    let count = 800
    var clients = try (0..<count).map { _ in
      let client = try Client(port: server.port)
      #expect(try client.get("/pid").status == 200)
      return client
    }
    // They give back what they can do without when they have been idle for a second.
    var idle = 0
    try server.waitUntil("small connections") {
      idle = try resident(worker) - before
      return idle / count < (String(cString: cfiber_switch_name()) == "ucontext" ? 16 : 12) * 1024
    }
    // They are served as before, also a request that comes in two parts.
    for client in clients.dropFirst() { #expect(try client.get("/pid").body == "\(worker)") }
    try clients[0].send(Array("GET /pid HTTP/1.1\r\nHo".utf8))
    usleep(50_000)
    #expect(try clients[0].exchange("st: test\r\n\r\n").body == "\(worker)")
    clients = []
    try server.waitUntil("the memory is given back") { try resident(worker) - before < idle / 3 }
  }

  /// What a worker keeps for a client that takes its time is a stack and a few buffers, and no copy of the answer.
  @Test(.enabled(if: Sanitizer.current == nil))
  func slowReadersOfOneAnswerShareIt() throws {
    let server = try Server("streams", ["-k", "green", "-w", "1", "--worker-connections", "2000"])
    let worker = try #require(server.workers.first)
    _ = try get(server.port, "/shared")
    let before = try resident(worker)
    let count = 200
    let clients = try (0..<count).map { _ in
      let client = try Client(port: server.port)
      try client.send(Array("GET /shared HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      return client
    }
    for client in clients { try client.waitForSome() }
    var each = 0
    // Before they are given up, after half a minute.
    try server.waitUntil("small clients", seconds: 20) {
      each = (try resident(worker) - before) / count
      return each < 64 * 1024
    }
    print("a client that does not read takes \(each) bytes")
    #expect(try clients[7].receive().body.utf8.count == 8_000_000)
  }
}
