extension NameServer {
  /// Answers as a server does that has these records and no others: aliases followed, and where there is nothing, an SOA
  /// record that says for how long.
  ///
  /// - Parameter negativeTimeToLive: of that record; `nil` leaves it out.
  public static func zone(_ records: [Record], negativeTimeToLive: UInt32? = 60) -> @Sendable (Query) -> Reaction {
    { query in .answer(answer(to: query, records, negativeTimeToLive: negativeTimeToLive)) }
  }

  public static func answer(to query: Query, _ records: [Record], negativeTimeToLive: UInt32? = 60) -> [UInt8] {
    var found: [Record] = []
    var name = query.name
    while query.type != 5, let alias = records.first(where: { $0.type == 5 && $0.owner.lowercased() == name }) {
      found.append(alias)
      name = decode(alias.data).lowercased()
      if found.count > 20 { break }
    }
    let own = records.filter { $0.type == query.type && $0.owner.lowercased() == name }
    let authorities = negativeTimeToLive.map { [Record.soa("test", minimum: $0)] } ?? []
    if !own.isEmpty { return query.answer(found + own) }
    let isKnown =
      !found.isEmpty
      || records.contains { $0.owner.lowercased() == name || $0.owner.lowercased().hasSuffix("." + name) }
    return query.answer(code: isKnown ? 0 : 3, found, authorities: authorities)
  }

  private static func decode(_ name: [UInt8]) -> String {
    var labels: [String] = []
    var place = 0
    while place < name.count, name[place] != 0 {
      let end = place + 1 + Int(name[place])
      labels.append(String(decoding: name[(place + 1)..<end], as: UTF8.self))
      place = end
    }
    return labels.joined(separator: ".")
  }
}
