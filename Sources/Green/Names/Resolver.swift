internal import CAres
internal import CGlibc
internal import Glibc

/// Host names to addresses.
///
/// In a fiber the question is asked by c-ares on the hub's own loop and only the fiber waits; on a plain thread
/// `getaddrinfo(3)` blocks the thread.
public enum Resolver {
  /// The addresses of a host, in the order in which they should be tried (RFC 6724).
  ///
  /// - Parameter host: a name, or an address in text form, which is returned as it is without asking anybody.
  /// - Throws: ``ResolverError``. Parks until the answer is there.
  public static func addresses(of host: String, port: UInt16, until deadline: Deadline = .never) throws
    -> [SocketAddress]
  {
    if let address = SocketAddress(host: host, port: port) { return [address] }
    if host.utf8.contains(0) || host.isEmpty { throw ResolverError.notFound(host) }
    guard let (hub, fiber) = Hub.running else { return try blockingAddresses(of: host, port: port) }
    return try hub.hub.resolverChannel().addresses(of: host, port: port, for: fiber, on: hub, until: deadline)
  }

  private static func blockingAddresses(of host: String, port: UInt16) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = cglibc_sock_stream()
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      throw status == EAI_NONAME ? ResolverError.notFound(host) : .failed(host, String(cString: gai_strerror(status)))
    }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { node in
      node.flatMap { SocketAddress($0.pointee.ai_addr, length: $0.pointee.ai_addrlen) }
    }
  }
}

/// Why a name has no answer.
public enum ResolverError: Error, CustomStringConvertible {
  /// No such name, or it has no address.
  case notFound(String)
  /// The deadline passed.
  case timedOut(String)
  /// The name could not be looked up; the text is the resolver's own.
  case failed(String, String)

  public var description: String {
    switch self {
    case .notFound(let host): "no address is known for the host \"\(host)\""
    case .timedOut(let host): "looking up the host \"\(host)\" took longer than its deadline"
    case .failed(let host, let reason): "the host \"\(host)\" could not be looked up: \(reason)"
    }
  }
}
