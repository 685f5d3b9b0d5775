internal import CGlibc
internal import Glibc

/// Names to addresses and back, and the records of the DNS.
///
/// The answers are those of the C library: the sources of `nsswitch.conf` in their order, `/etc/hosts`, the search list
/// of `resolv.conf`, the order of RFC 6724. In a fiber the name servers are asked by c-ares on the hub's own loop and
/// only the fiber waits; on a plain thread the same questions block the thread, with the same deadlines. A hub keeps
/// answers as long as their time to live allows, and asks what many fibers want to know at once only once.
///
/// Every call throws ``ResolverError``, and parks only where name servers, or a source that only the C library knows,
/// have to be asked.
public enum Resolver {
  /// The addresses of a host, in the order in which they should be tried (RFC 6724). Those of both families are waited
  /// for; to connect, ``Socket/connect(host:port:attemptDelay:until:configure:)`` begins with those that come first.
  ///
  /// - Parameters:
  ///   - host: a name, or an address in text form, which is returned as it is without asking anybody.
  ///   - port: the port that the addresses are given.
  ///   - deadline: when to give up, with ``ResolverError/timedOut(_:)``.
  public static func addresses(of host: String, port: UInt16, until deadline: Deadline = .never) throws
    -> [SocketAddress]
  {
    if let address = SocketAddress(host: host, port: port) { return [address] }
    return try addressInfo(host: host, service: nil, hints: .stream, until: deadline).map {
      $0.address.with(port: port)
    }
  }

  /// What `getaddrinfo(3)` would say, row by row in its order: for each address of the host, in the order of RFC 6724,
  /// one row for each kind of socket that the service is offered over.
  ///
  /// - Parameters:
  ///   - host: a name or an address in text form, with a scope where it needs one (`fe80::1%eth0`); `nil` for this
  ///     machine: loopback, or with `AI_PASSIVE` any address.
  ///   - service: a port or a name of `/etc/services`; `nil` for port 0.
  ///   - hints: which families, kinds of socket and flags are wanted.
  ///   - deadline: when to give up, with ``ResolverError/timedOut(_:)``.
  /// - Throws: ``ResolverError``, whose ``ResolverError/code`` is what `getaddrinfo` returns. One difference: a port
  ///   above 65535 is `EAI_SERVICE`, where the C library cuts it to 16 bits.
  public static func addressInfo(
    host: String?, service: String?, hints: AddressHints = .default, until deadline: Deadline = .never
  ) throws -> [AddressInfo] {
    try withNames { names in
      let question = try AddressQuestion(host: host, service: service, hints, names)
      let isInternational = hints.flags & AddressHints.internationalFlags != 0
      if !isInternational, let found = try question.localAddresses() { return question.answer(found, names) }
      let name = host ?? service ?? ""
      if isInternational || names.configuration.method != .ares {
        return try CLibrary.addressInfo(host, service, hints, names.configuration.method, until: deadline)
      }
      let outcome: HostLookup.Outcome = try ask(name, names, until: deadline) { pending in
        let lookup = HostLookup(name, family: question.hints.family, flags: hints.flags, names) { pending.resolve($0) }
        lookup.start()
        return { lookup.abandon() }
      }
      switch outcome {
      case .found(let found):
        if found.addresses.isEmpty { throw ResolverError.notFound(name) }
        return question.answer(found, names)
      case .failed(let error): throw error
      case .foreign: return try CLibrary.addressInfo(host, service, hints, .thread, until: deadline)
      }
    }
  }

  /// Forgets the answers that the calling fiber's hub has kept. Does not park.
  public static func forgetAnswers() { Hub.current?.names.forget() }
}
