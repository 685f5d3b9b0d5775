package import Glibc
internal import Synchronization

private let givenPorts = Synchronization.Mutex<Set<UInt16>>([])

/// A loopback port that nothing listens on and that was not given before. Below the range from which the kernel takes the
/// ports of outgoing connections, so that it is still free when a server binds it.
public func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<32_000)
    guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
    let descriptor = tcpSocket()
    defer { close(descriptor) }
    if withLoopback(port, { bind(descriptor, $0, $1) }) == 0 { return port }
  }
  throw Failure("no free port")
}

/// Whether something accepts connections there.
public func accepts(_ port: UInt16) -> Bool {
  let descriptor = tcpSocket()
  defer { close(descriptor) }
  return withLoopback(port) { connect(descriptor, $0, $1) } == 0
}

package func tcpSocket() -> CInt { socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0) }

package func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
