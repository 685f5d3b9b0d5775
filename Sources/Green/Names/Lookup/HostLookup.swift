internal import Glibc

/// One look-up of a host's addresses, through the sources that `nsswitch.conf` names.
///
/// It asks what `getaddrinfo(3)` asks, in the same order: a source that has an address of either family wanted ends the
/// search, and what the last source said is why there is none.
final class HostLookup {
  struct Found {
    var addresses: [IPAddress]
    var canonicalName: String?
  }

  enum Outcome {
    case found(Found)
    case failed(ResolverError)
    /// It takes a module that only the C library has.
    case foreign
  }

  /// What one source said about one family, or about both at once.
  struct Said {
    var status: NameServiceSwitch.Status
    var addresses: [IPAddress] = []
    var canonicalName: String?
    /// Why there is no address.
    var error: ResolverError?
  }

  private let service: NameService
  private let host: String
  private let family: CInt
  private let flags: CInt
  private var sources: ArraySlice<NameServiceSwitch.Source>
  private var search: DNSSearch?
  private var lastError: ResolverError
  private let done: (Outcome) -> Void
  /// Called with the addresses of one family that are found, whatever becomes of the question for the other, which is
  /// still awaited. To be set before the start.
  var foundFirst: (([IPAddress]) -> Void)?

  init(
    _ host: String, family: CInt, flags: CInt, _ service: NameService, _ done: @escaping (Outcome) -> Void
  ) {
    self.service = service
    self.host = host
    self.family = family
    self.flags = flags
    self.done = done
    sources = service.sources[...]
    lastError = .notFound(host)
  }

  func start() { next() }

  /// Nobody waits any more: what is under way is the last, and nobody is told.
  func abandon() {
    search?.isAbandoned = true
    search = nil
  }

  private func next() {
    guard let source = sources.popFirst() else { return done(.failed(lastError)) }
    switch source.kind {
    case .other: done(.foreign)
    case .multicast:
      let name = host.lowercased()
      if name.hasSuffix(".local") || name.hasSuffix(".local.") { return done(.foreign) }
      consider(Said(status: .unavailable, error: .notFound(host)), source)
    case .files: askInTurn(source) { [self] family, told in told(inHostsFile(family)) }
    case .myhostname: askInTurn(source) { [self] family, told in told(inLocalNames(family)) }
    case .dns:
      askInTurn(source) { [self] family, told in inDNS(family, isLast: source.returning.contains(.success), told) }
    }
  }

  /// Asks a source for the family wanted; where IPv4 addresses may stand in for IPv6 ones, for those too.
  private func askInTurn(
    _ source: NameServiceSwitch.Source, _ ask: @escaping (CInt, @escaping (Said) -> Void) -> Void
  ) {
    ask(family) { [self] first in
      let mapsIPv4 = family == AF_INET6 && flags & AI_V4MAPPED != 0
      guard mapsIPv4, flags & AI_ALL != 0 || first.addresses.isEmpty else {
        var first = first
        // Where there are IPv6 addresses, those that are mapped ones count for nothing.
        if mapsIPv4 { first.addresses.removeAll(where: \.isMapped) }
        return consider(first, source)
      }
      ask(AF_INET) { [self] second in consider(first.joined(second), source) }
    }
  }

  private func consider(_ said: Said, _ source: NameServiceSwitch.Source) {
    if said.status == .success {
      let found = Found(addresses: said.addresses, canonicalName: said.canonicalName)
      if source.returning.contains(.success) { return done(.found(found)) }
      // "[SUCCESS=continue]": the hosts database does not merge, so the sources after it start afresh.
      lastError = .notFound(host)
      return next()
    }
    lastError = said.error ?? .notFound(host)
    if source.returning.contains(said.status) { return done(.failed(lastError)) }
    next()
  }

  private func inHostsFile(_ family: CInt) -> Said {
    var lines = service.hosts.lines(naming: host).compactMap { line in line.address(as: family).map { (line, $0) } }
    if !service.hostConf.isMulti { lines = Array(lines.prefix(1)) }
    guard let first = lines.first else { return Said(status: .notFound, error: .notFound(host)) }
    return Said(status: .success, addresses: lines.map(\.1), canonicalName: first.0.names.first)
  }

  private func inLocalNames(_ family: CInt) -> Said {
    guard let answer = LocalNames.answer(host, family, interfaces: { service.network.interfaces }) else {
      return Said(status: .notFound, error: .notFound(host))
    }
    if answer.addresses.isEmpty { return Said(status: .notFound, error: .noData(host)) }
    return Said(status: .success, addresses: answer.addresses, canonicalName: answer.canonicalName)
  }

  /// - Parameter isLast: whether no source is asked after this one where it finds something.
  private func inDNS(_ family: CInt, isLast: Bool, _ told: @escaping (Said) -> Void) {
    // What cannot be a host's name is not asked for.
    guard DNSName.isHostName(host) else { return told(Said(status: .notFound, error: .notFound(host))) }
    var types: [DNSType] = family == AF_UNSPEC ? [.a, .aaaa] : family == AF_INET ? [.a] : [.aaaa]
    // "options no-aaaa": whether there is such a name is still to be said.
    if service.resolvConf.asksNoIPv6 { types = [.a] }
    let client: DNSClient
    do {
      client = try service.dns()
    } catch {
      return told(Said(status: .unavailable, error: error as? ResolverError ?? .unanswered(host)))
    }
    let search = DNSSearch(
      host, types, service.resolvConf, searchDomains: service.searchDomains, client: client
    ) { [self] result in
      // It holds this closure: each would keep the other.
      self.search = nil
      switch result {
      case .success(let found): told(Said(found, family, host))
      case .failure(let failure):
        var said = Said(failure.outcome, host)
        // The C library calls such a name unknown, except for the plainest of questions.
        if failure.outcome == .aliases && (family != AF_INET || flags & AI_CANONNAME != 0) {
          said.error = .notFound(host)
        }
        told(said)
      }
    }
    if isLast, family == AF_UNSPEC, let foundFirst {
      search.foundFirst = { [host] in foundFirst(Said($0, family, host).addresses) }
    }
    self.search = search
    search.start()
  }
}

extension HostLookup.Said {
  fileprivate init(_ found: DNSSearch.Found, _ family: CInt, _ host: String) {
    let addresses = found.answers.flatMap(\.addresses).filter { family == AF_UNSPEC || $0.family == family }
    let alias = found.answers.first { !$0.addresses.isEmpty }?.canonicalName
    // Names come from outside: one that a shell or a terminal could misread is not believed.
    self.init(
      status: .success, addresses: addresses,
      canonicalName: alias.flatMap { DNSName.isHostName($0) ? $0 : nil } ?? found.name)
    if addresses.isEmpty {
      status = .notFound
      error = .noData(host)
    }
  }

  init(_ outcome: DNSAnswer.Outcome, _ name: String) {
    let error = ResolverError(outcome, name)
    switch outcome {
    case .records, .aliases, .noData, .noName: self.init(status: .notFound, error: error)
    default: self.init(status: .unavailable, error: error)
    }
  }

  /// The IPv6 addresses, and the IPv4 ones mapped.
  fileprivate func joined(_ other: HostLookup.Said) -> HostLookup.Said {
    var result = self
    result.addresses += other.addresses.map(\.mapped)
    result.canonicalName = canonicalName ?? other.canonicalName
    if other.status == .success || status == .unavailable && other.status != .unavailable {
      result.status = other.status
    }
    // Known, but without addresses, where either answer says so and neither that the name is not known.
    let codes = [error?.code, other.error?.code]
    if codes.contains(EAI_NONAME) {
      result.error = error?.code == EAI_NONAME ? error : other.error
    } else if codes.contains(where: { $0 != EAI_AGAIN }), let name = error?.name {
      result.error = .noData(name)
    }
    if result.status == .success { result.error = nil }
    return result
  }
}

extension HostsFile.Line {
  /// The line's address for a question about one family. An IPv4 question also takes the IPv6 loopback address and
  /// mapped ones, as the C library has it.
  fileprivate func address(as family: CInt) -> IPAddress? {
    switch family {
    case AF_INET:
      if address.isIPv4 { return address }
      if address == .loopback6 { return .loopback4 }
      return address.isMapped ? IPAddress(v4: address.v4) : nil
    case AF_INET6: return address.isIPv4 ? nil : address
    default: return address
    }
  }
}

extension ResolverError {
  init(_ outcome: DNSAnswer.Outcome, _ name: String) {
    switch outcome {
    case .records, .aliases, .noData: self = .noData(name)
    case .noName: self = .notFound(name)
    case .serverFailure: self = .serverFailure(name)
    case .refused: self = .refused(name)
    case .unanswered, .unreachable: self = .unanswered(name)
    case .malformed(let reason): self = .malformedAnswer(name, reason)
    case .failed(let reason): self = .failed(name, code: EAI_SYSTEM, reason)
    }
  }
}
