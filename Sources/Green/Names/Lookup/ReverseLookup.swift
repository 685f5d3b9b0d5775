internal import Glibc

/// One look-up of an address's names, through the sources that `nsswitch.conf` names.
final class ReverseLookup {
  enum Outcome {
    case names([String])
    case failed(ResolverError)
    /// It takes a module that only the C library has.
    case foreign
  }

  private let service: NameService
  private let address: IPAddress
  private let text: String
  private var sources: ArraySlice<NameServiceSwitch.Source>
  private var lastError: ResolverError
  private let done: (Outcome) -> Void
  /// Set when nobody waits any more: what is under way is the last, and nobody is told.
  var isAbandoned = false

  /// - Parameter text: the address as errors name it.
  init(_ address: IPAddress, _ text: String, _ service: NameService, _ done: @escaping (Outcome) -> Void) {
    self.service = service
    self.address = IPAddress(unscoped: address)
    self.text = text
    self.done = done
    sources = service.sources[...]
    lastError = .notFound(text)
  }

  func start() {
    // `::` has no name, and asking for it would ask for the whole of IPv6.
    if address == .any6 { return done(.failed(lastError)) }
    next()
  }

  private func next() {
    guard let source = sources.popFirst() else { return done(.failed(lastError)) }
    switch source.kind {
    case .other: done(.foreign)
    case .multicast:
      if address.isLinkLocal { return done(.foreign) }
      consider([], .unavailable, .notFound(text), source)
    case .files:
      let lines = service.hosts.lines(of: address)
      consider(lines.first?.names ?? [], .notFound, .notFound(text), source)
    case .myhostname:
      let name = LocalNames.name(of: address, interfaces: { service.network.interfaces })
      consider(name.map { [$0] } ?? [], .notFound, .notFound(text), source)
    case .dns: askDNS(source)
    }
  }

  /// - Parameters:
  ///   - names: empty where the source has none.
  ///   - status: in that case.
  private func consider(
    _ names: [String], _ status: NameServiceSwitch.Status, _ error: ResolverError, _ source: NameServiceSwitch.Source
  ) {
    if !names.isEmpty && source.returning.contains(.success) { return done(.names(names)) }
    lastError = names.isEmpty ? error : .notFound(text)
    if names.isEmpty && source.returning.contains(status) { return done(.failed(error)) }
    next()
  }

  private func askDNS(_ source: NameServiceSwitch.Source) {
    let client: DNSClient
    do {
      client = try service.dns()
    } catch {
      return consider([], .unavailable, error as? ResolverError ?? .unanswered(text), source)
    }
    let own = address.isMapped ? IPAddress(v4: address.v4) : address
    client.ask(DNSQuestion(own.reverseName, .ptr)) { [self] answer in
      if isAbandoned { return }
      // Names come from outside: one that a shell or a terminal could misread is not believed.
      let names = answer.records.compactMap { record in
        if case .name(let name) = record.data, !name.isEmpty, DNSName.isHostName(name) { name } else { nil }
      }
      let said = HostLookup.Said(answer.outcome, text)
      consider(names, said.status, said.error ?? .notFound(text), source)
    }
  }
}

extension IPAddress {
  fileprivate init(unscoped address: IPAddress) {
    self = address
    scope = 0
  }
}
