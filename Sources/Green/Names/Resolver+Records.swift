internal import Glibc

// Records of the DNS. The name is taken as it is, without the search list and without /etc/hosts. Its labels may have
// any byte but 0: a blank as it is or as `\032`, a dot as `\.`.
extension Resolver {
  /// Where a service is offered, in the order in which to try: by priority, and among equals at random by their weights
  /// (RFC 2782).
  ///
  /// - Parameters:
  ///   - name: `_SERVICE._PROTOCOL.DOMAIN`: `_xmpp-client._tcp.example.org`. Bytes may be escaped, as they are in the
  ///     names of records (RFC 1035, 5.1): `My\032Printer._ipp._tcp.example.org`, and `\.` for a dot in an instance's
  ///     name (RFC 6763, 4.3).
  ///   - deadline: when to give up, with ``ResolverError/timedOut(_:)``.
  /// - Throws: ``ResolverError``. Parks until the answer is there.
  public static func serviceRecords(of name: String, until deadline: Deadline = .never) throws -> [ServiceRecord] {
    let records: [ServiceRecord] = try records(of: name, .srv, until: deadline) { record in
      guard case .service(let priority, let weight, let port, let target) = record.data else { return nil }
      return ServiceRecord(
        priority: priority, weight: weight, port: port, target: target, timeToLive: record.duration)
    }
    return ServiceRecord.inOrder(records)
  }

  /// The hosts that take mail for a domain, by preference.
  ///
  /// - Throws: ``ResolverError``. Parks until the answer is there.
  public static func mailExchanges(of name: String, until deadline: Deadline = .never) throws -> [MailExchange] {
    let records: [MailExchange] = try records(of: name, .mx, until: deadline) { record in
      guard case .exchange(let preference, let exchange) = record.data else { return nil }
      return MailExchange(preference: preference, exchange: exchange, timeToLive: record.duration)
    }
    return records.enumerated().sorted {
      ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset)
    }.map(\.element)
  }

  /// The texts that belong to a name.
  ///
  /// - Throws: ``ResolverError``. Parks until the answer is there.
  public static func textRecords(of name: String, until deadline: Deadline = .never) throws -> [TextRecord] {
    try records(of: name, .txt, until: deadline) { record in
      guard case .text(let strings) = record.data else { return nil }
      return TextRecord(strings: strings, timeToLive: record.duration)
    }
  }

  /// The names that a name leads to. For the names of an address see ``names(of:until:)``.
  ///
  /// - Throws: ``ResolverError``. Parks until the answer is there.
  public static func pointerRecords(of name: String, until deadline: Deadline = .never) throws -> [PointerRecord] {
    try records(of: name, .ptr, until: deadline) { record in
      guard case .name(let target) = record.data else { return nil }
      return PointerRecord(name: target, timeToLive: record.duration)
    }
  }

  private static func records<Record>(
    of name: String, _ type: DNSType, until deadline: Deadline, _ convert: (DNSRecord) -> Record?
  ) throws -> [Record] {
    if let fault = DNSName.fault(in: name) { throw ResolverError.invalidName(name, fault) }
    return try withNames { names in
      let answer: DNSAnswer = try ask(name, names, until: deadline) { pending in
        try names.dns().ask(DNSQuestion(name, type)) { pending.resolve($0) }
        return nil
      }
      guard answer.outcome == .records else { throw ResolverError(answer.outcome, name) }
      return answer.records.compactMap(convert)
    }
  }
}

extension DNSRecord {
  fileprivate var duration: Duration { .seconds(Int64(timeToLive)) }
}

extension ServiceRecord {
  /// RFC 2782, "Weight": of those of one priority, each is chosen next with a chance in proportion to its weight; one of
  /// weight 0 hardly ever before others.
  static func inOrder(_ records: [ServiceRecord]) -> [ServiceRecord] {
    var result: [ServiceRecord] = []
    for (_, group) in Dictionary(grouping: records, by: \.priority).sorted(by: { $0.key < $1.key }) {
      var rest = group.sorted { $0.weight < $1.weight }
      while !rest.isEmpty {
        var chosen = Int.random(in: 0...rest.reduce(0) { $0 + Int($1.weight) })
        let index = rest.firstIndex { record in
          chosen -= Int(record.weight)
          return chosen <= 0
        }
        result.append(rest.remove(at: index ?? 0))
      }
    }
    return result
  }
}
