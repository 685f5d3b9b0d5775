internal import Glibc

/// A TCP connection as plain blocking code makes it, for the libraries that are given a socket.
///
/// - Parameter address: an IPv4 address.
public func connectTCP(_ address: String, port: UInt16) throws -> CInt {
  var target = sockaddr_in()
  target.sin_family = sa_family_t(AF_INET)
  target.sin_port = port.bigEndian
  guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else {
    throw ConnectionError("'\(address)' is not an IPv4 address")
  }
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { throw ConnectionError(errnoOf: "socket") }
  // A small message shall not wait for the acknowledgement of the one before.
  var yes: CInt = 1
  setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
  let result = withUnsafePointer(to: &target) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard result == 0 else {
    let error = ConnectionError(errnoOf: "connect to \(address):\(port)")
    close(descriptor)
    throw error
  }
  return descriptor
}
