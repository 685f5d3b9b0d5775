internal import CGlibc
internal import Glibc

/// The C library's own look-ups, which block the calling thread.
enum CLibrary {
  static func addressInfo(host: String?, service: String?, hints: AddressHints) -> Result<[AddressInfo], ResolverError>
  {
    var request = addrinfo()
    request.ai_flags = hints.flags
    request.ai_family = hints.family
    request.ai_socktype = hints.socketType
    request.ai_protocol = hints.protocolNumber
    var list: UnsafeMutablePointer<addrinfo>?
    let status = bypassingRedirect { getaddrinfo(host, service, &request, &list) }
    guard status == 0 else {
      return .failure(ResolverError(code: status, name: host ?? service ?? "", errno: errno))
    }
    defer { freeaddrinfo(list) }
    let rows = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee }
    return .success(
      rows.compactMap { row in
        SocketAddress(row.ai_addr, length: row.ai_addrlen).map { address in
          AddressInfo(
            family: row.ai_family, socketType: row.ai_socktype, protocolNumber: row.ai_protocol, address: address,
            canonicalName: row.ai_canonname.map { String(cString: $0) })
        }
      })
  }

  static func name(of address: SocketAddress, flags: CInt) -> Result<HostName, ResolverError> {
    // NI_MAXHOST and NI_MAXSERV of <netdb.h>.
    var host = [CChar](repeating: 0, count: 1025)
    var service = [CChar](repeating: 0, count: 32)
    let status = bypassingRedirect {
      address.withSockaddr {
        getnameinfo($0, $1, &host, socklen_t(host.count), &service, socklen_t(service.count), flags)
      }
    }
    guard status == 0 else {
      return .failure(ResolverError(code: status, name: address.description, errno: errno))
    }
    return .success(HostName(host: text(host), service: text(service)))
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension CLibrary {
  /// Makes one of the calls above on a thread, or in place where the method is to block.
  static func ask<Value: Sendable>(
    _ name: String, _ method: Resolver.Configuration.Method, until deadline: Deadline,
    _ body: @escaping @Sendable () -> Result<Value, ResolverError>
  ) throws -> Value {
    if method == .block { return try body().get() }
    return try BlockingLookup.run(name, until: deadline, body).get()
  }

  static func addressInfo(
    _ host: String?, _ service: String?, _ hints: AddressHints, _ method: Resolver.Configuration.Method,
    until deadline: Deadline
  ) throws -> [AddressInfo] {
    try ask(host ?? service ?? "", method, until: deadline) {
      addressInfo(host: host, service: service, hints: hints)
    }
  }
}
