import Glibc
import SystemPackage

/// An address as the kernel takes it.
struct ResolvedAddress: CustomStringConvertible {
  private var storage: sockaddr_storage
  private var length: socklen_t

  var family: CInt { CInt(storage.ss_family) }

  /// The addresses of a host, IPv4 first. Blocks while a name server is asked.
  static func resolve(host: String, port: UInt16) throws(BindError) -> [ResolvedAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else { throw .unresolved("\(host): \(String(cString: gai_strerror(status)))") }
    defer { freeaddrinfo(list) }

    var found: [ResolvedAddress] = []
    var entry = list
    while let current = entry {
      if let address = current.pointee.ai_addr {
        found.append(ResolvedAddress(copying: address, length: current.pointee.ai_addrlen))
      }
      entry = current.pointee.ai_next
    }
    return found.filter { $0.family == AF_INET } + found.filter { $0.family != AF_INET }
  }

  private init(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
    storage = sockaddr_storage()
    self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
    withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(self.length)))
    }
  }

  /// The address that an internet socket is bound to; `nil` for others.
  init?(localOf descriptor: CInt) {
    storage = sockaddr_storage()
    length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard status == 0, family == AF_INET || family == AF_INET6 else { return nil }
  }

  func bind(_ descriptor: CInt) throws(Errno) {
    var copy = storage
    _ = try systemCall {
      withUnsafeMutablePointer(to: &copy) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) }
      }
    }
  }

  /// `127.0.0.1:8000` or `[::1]:8000`.
  var description: String {
    var copy = storage
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let status = withUnsafeMutablePointer(to: &copy) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getnameinfo(
          $0, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard status == 0 else { return "?" }
    let name = host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    let number = port.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    return family == AF_INET6 ? "[\(name)]:\(number)" : "\(name):\(number)"
  }
}

/// Calls `body` with a `sockaddr_un` for a path that has been checked to fit.
func withUnixAddress<Result>(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Result
) throws(Errno) -> Result {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
    guard path.utf8.count < room.count else { return false }
    room.copyBytes(from: path.utf8)
    return true
  }
  guard fits else { throw .fileNameTooLong }
  let size = MemoryLayout<sockaddr_un>.size
  return try withUnsafeBytes(of: &address) { (bytes) throws(Errno) in
    try bytes.withMemoryRebound(to: sockaddr.self) { (rebound) throws(Errno) in
      guard let base = rebound.baseAddress else { throw .invalidArgument }
      return try body(base, socklen_t(size))
    }
  }
}
