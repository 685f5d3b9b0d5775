internal import CGlibc
internal import Glibc

extension Resolver {
  /// The names of an address's host and of its port, or their numbers where they have none: `getnameinfo(3)`.
  ///
  /// - Parameters:
  ///   - address: an IPv4, IPv6 or Unix domain address.
  ///   - flags: `NI_` constants together: `NI_NUMERICHOST`, `NI_NUMERICSERV`, `NI_NAMEREQD` (without a name throw
  ///     ``ResolverError/notFound(_:)``), `NI_NOFQDN`, `NI_DGRAM`.
  ///   - deadline: when to give up, with ``ResolverError/timedOut(_:)``.
  /// - Throws: ``ResolverError``. Without `NI_NUMERICHOST` it may park.
  public static func name(of address: SocketAddress, flags: CInt = 0, until deadline: Deadline = .never) throws
    -> HostName
  {
    let text = address.description
    // 192: obsolete ones, which the C library ignores.
    let known = NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM | CInt(CGLIBC_NI_IDN) | 192
    guard flags & ~known == 0 else {
      throw ResolverError.failed(text, code: EAI_BADFLAGS, "the flags \(flags) are not all known")
    }
    return try withNames { names in
      let method = names.configuration.method
      guard let ip = IPAddress(address), flags & CInt(CGLIBC_NI_IDN) == 0, method == .ares else {
        return try CLibrary.ask(text, method, until: deadline) { CLibrary.name(of: address, flags: flags) }
      }
      let service = serviceName(address.port ?? 0, flags, names)
      if flags & NI_NUMERICHOST == 0 {
        switch try reverse(ip, text, names, until: deadline) {
        case .names(let found):
          guard let first = found.first else { break }
          return HostName(host: flags & NI_NOFQDN == 0 ? first : withoutOwnDomain(first, names), service: service)
        case .failed(let error): if error.code == EAI_AGAIN { throw error }
        case .foreign:
          return try CLibrary.ask(text, .thread, until: deadline) { CLibrary.name(of: address, flags: flags) }
        }
      }
      if flags & NI_NAMEREQD != 0 { throw ResolverError.notFound(text) }
      return HostName(host: ip.text, service: service)
    }
  }

  /// All names of an address: on its line of `/etc/hosts` the official name and the aliases, in the DNS every PTR
  /// record.
  ///
  /// - Throws: ``ResolverError/notFound(_:)`` where it has none. May park.
  public static func names(of address: SocketAddress, until deadline: Deadline = .never) throws -> [String] {
    let text = address.description
    guard let ip = IPAddress(address) else {
      throw ResolverError.failed(text, code: EAI_FAMILY, "only IP addresses have names")
    }
    return try withNames { names in
      let method = names.configuration.method
      let outcome = method == .ares ? try reverse(ip, text, names, until: deadline) : .foreign
      switch outcome {
      case .names(let found): return found
      case .failed(let error): throw error
      case .foreign:
        return [
          try CLibrary.ask(text, method == .block ? .block : .thread, until: deadline) {
            CLibrary.name(of: address, flags: NI_NAMEREQD)
          }.host
        ]
      }
    }
  }

  private static func reverse(_ address: IPAddress, _ text: String, _ names: NameService, until deadline: Deadline)
    throws -> ReverseLookup.Outcome
  {
    try ask(text, names, until: deadline) { pending in
      let lookup = ReverseLookup(address, text, names) { pending.resolve($0) }
      lookup.start()
      return { lookup.isAbandoned = true }
    }
  }

  private static func serviceName(_ port: UInt16, _ flags: CInt, _ names: NameService) -> String {
    if flags & NI_NUMERICSERV != 0 { return "\(port)" }
    return names.services.name(of: port, over: flags & NI_DGRAM != 0 ? "udp" : "tcp") ?? "\(port)"
  }

  /// `NI_NOFQDN`: a host of this machine's own domain is named without it.
  private static func withoutOwnDomain(_ host: String, _ names: NameService) -> String {
    let own = LocalNames.hostName
    let fullNames = [own] + [own, "localhost"].flatMap { names.hosts.lines(naming: $0).compactMap(\.names.first) }
    guard let full = fullNames.first(where: { $0.contains(".") }), let dot = full.firstIndex(of: ".") else {
      return host
    }
    let domain = full[dot...]
    return host.hasSuffix(domain) && host.utf8.count > domain.utf8.count ? String(host.dropLast(domain.count)) : host
  }
}
