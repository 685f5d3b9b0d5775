import Glibc
import Green
import Logging
import SuiteSupport
import SystemPackage
import Testing

@testable import GreenServer

/// Sockets that the server is started with: by descriptor, or by systemd.
@Suite(.bounded) struct InheritedListenerTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A socket as a parent leaves it to its child: bound to loopback, not close-on-exec.
  private func bound(listens: Bool = true) throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 16) }
    }
    try #require(status == 0)
    if listens { try #require(listen(descriptor, 8) == 0) }
    return descriptor
  }

  @Test(arguments: [true, false]) func `a descriptor is taken over, listens, and is kept from children`(listens: Bool)
    throws
  {
    let descriptor = try bound(listens: listens)
    let listener = try BoundListener(binding: .descriptor(descriptor))
    defer { listener.close() }
    #expect(listener.url.wholeMatch(of: /http:\/\/127\.0\.0\.1:[1-9]\d*/) != nil)
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    let client = try Socket.connect(to: try #require(listener.listener.address), until: .after(.seconds(5)))
    client.close()
  }

  @Test func `what is no socket, not a stream, connected or closed is refused with a sentence`() throws {
    func reason(_ descriptor: CInt) -> String? {
      do throws(BindError) {
        _ = try BoundListener(binding: .descriptor(descriptor))
        return nil
      } catch {
        return "\(error)"
      }
    }
    let file = open("/dev/null", O_RDONLY)
    #expect(reason(file) == "descriptor \(file) is not a socket")
    close(file)
    #expect(reason(file)?.hasPrefix("the server was started without a descriptor") == true)
    let datagram = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(datagram) }
    #expect(reason(datagram)?.contains("is not a stream socket that listens") == true)
    var ends: [CInt] = [-1, -1]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(reason(ends[0])?.contains("Accept=no") == true)
  }

  @Test func `systemd's variables count for the process that they name alone`() {
    let environment = ["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:metrics"]
    let sockets = ActivatedSockets(pid: 7) { environment[$0] }
    #expect(sockets.entries.map(\.descriptor) == [3, 4])
    #expect(sockets.entries.map(\.name) == ["web", "metrics"])
    #expect(sockets.named("metrics") == [4])
    #expect(ActivatedSockets(pid: 8) { environment[$0] } == .none)
    for wrong in ["", "0", "-1", "65", "many"] {
      #expect(ActivatedSockets(pid: 7) { $0 == "LISTEN_FDS" ? wrong : environment[$0] } == .none)
    }
    let unnamed = ActivatedSockets(pid: 7) { $0 == "LISTEN_FDNAMES" ? nil : environment[$0] }
    #expect(unnamed.entries.map(\.name) == ["", ""])
  }

  @Test func `systemd's sockets take the place of addresses, unless one of them is named`() throws {
    let descriptor = try bound()
    var listening = Listening(logger: logger)
    listening.activated = ActivatedSockets(entries: [.init(descriptor: descriptor, name: "web")])
    let replaced = try #require(listening.open([.tcp(host: "127.0.0.1", port: 0)]))
    #expect(replaced.map(\.listener.descriptor) == [descriptor])
    let again = try bound()
    defer { for listener in replaced { listener.close() } }
    listening.activated = ActivatedSockets(entries: [.init(descriptor: again, name: "web")])
    let named = try #require(listening.open([.tcp(host: "127.0.0.1", port: 0), .activated(name: "web")]))
    defer { for listener in named { listener.close() } }
    #expect(named.count == 2 && named[1].listener.descriptor == again)
    #expect(listening.open([.activated(name: "nobody")]) == nil)
  }
}
