import Glibc
import Green
import SuiteSupport
import Testing

@testable import GreenServer

/// The socket of a service manager, as its services see it.
@Suite(.bounded) struct ServiceNoticesTests {
  private func manager(_ path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    let address = try #require(SocketAddress(unixPath: path))
    try #require(address.withSockaddr { bind(descriptor, $0, $1) } == 0)
    return descriptor
  }

  private func message(_ descriptor: CInt) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  @Test(arguments: ["/tmp/greenfinch-notify-", "@greenfinch-notify-"])
  func `messages arrive at a path and at an abstract name`(prefix: String) throws {
    let path = prefix + "\(getpid())-\(Int.random(in: 0..<1_000_000))"
    let manager = try manager(path)
    defer {
      close(manager)
      unlink(path)
    }
    var notices = try #require(ServiceNotices(pid: 7) { $0 == "NOTIFY_SOCKET" ? path : nil })
    #expect(notices.due == nil)
    notices.tell(ServiceState(phase: .serving, serving: 1, wanted: 1, isAlive: true), at: 0)
    #expect(message(manager) == "READY=1\nSTATUS=1 of 1 workers serve")
    for _ in 0..<2 {
      notices.tell(ServiceState(phase: .handedOver(to: 42), serving: 1, wanted: 1, isAlive: true), at: 1)
    }
    #expect(message(manager) == "MAINPID=42")
    #expect(message(manager) == nil)
  }

  @Test func `the watchdog is another process's where its number is`() throws {
    func due(_ environment: [String: String]) -> Int64? {
      var environment = environment
      environment["NOTIFY_SOCKET"] = "@greenfinch-nobody"
      var notices = ServiceNotices(pid: 7) { environment[$0] }
      notices?.tell(ServiceState(phase: .serving, serving: 1, wanted: 1, isAlive: true), at: 0)
      return notices?.due
    }
    #expect(due(["WATCHDOG_USEC": "3000000"]) == 1_500_000_000)
    #expect(due(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"]) == 1_500_000_000)
    #expect(due(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"]) == nil)
    for wrong in ["", "0", "-1", "soon", "99999999999999999999"] { #expect(due(["WATCHDOG_USEC": wrong]) == nil) }
  }

  @Test func `without a manager nobody is told`() {
    #expect(ServiceNotices(pid: 7) { _ in nil } == nil)
    #expect(ServiceNotices(pid: 7) { $0 == "NOTIFY_SOCKET" ? "relative" : nil } == nil)
  }
}
