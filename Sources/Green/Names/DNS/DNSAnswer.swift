/// What the name servers said to one question, or that they said nothing.
struct DNSAnswer: Sendable {
  enum Outcome: Sendable, Equatable {
    case records
    /// The name is another one's alias, which has no such records.
    case aliases
    case noData
    case noName
    case serverFailure
    case refused
    /// No server answered in time.
    case unanswered
    /// No server could be reached.
    case unreachable
    case malformed(String)
    /// The question could not be asked: no memory, no descriptor. The text says what.
    case failed(String)
  }

  var outcome: Outcome
  /// The records of the type asked for, in the order in which they came.
  var records: [DNSRecord] = []
  /// What the name's aliases lead to: the owner of those records. `nil` where it is the name itself.
  var canonicalName: String?
  /// Seconds for which the answer holds, `nil` where the server did not say.
  var timeToLive: UInt32?

  init(_ outcome: Outcome) { self.outcome = outcome }

  /// Reads a server's answer.
  init(_ bytes: [UInt8], to question: DNSQuestion) {
    do {
      self.init(try DNSMessage(bytes), to: question)
    } catch {
      self.init(.malformed(error.reason))
    }
  }

  private init(_ message: DNSMessage, to question: DNSQuestion) {
    switch message.responseCode {
    case 0: self.init(answerIn: message, to: question)
    case 2: self.init(.serverFailure)
    case 3:
      self.init(.noName)
      timeToLive = message.negativeTimeToLive
    default: self.init(.refused)
    }
  }

  /// Longer chains are mistakes, or lead in a circle.
  private static let longestAliasChain = 16

  /// Follows the aliases from the name that was asked for, in whatever order the server put the records, and takes the
  /// records of the name that they lead to. Others are none of this question's: RFC 5452 section 6.
  private init(answerIn message: DNSMessage, to question: DNSQuestion) {
    self.init(.records)
    var owner = question.name
    var shortest = UInt32.max
    var steps = 0
    while question.type != .cname, let alias = message.answers.first(where: { $0.isAlias(of: owner) }) {
      guard case .name(let target) = alias.data, steps < Self.longestAliasChain else {
        self.init(.malformed("it has more than \(Self.longestAliasChain) aliases of aliases"))
        return
      }
      steps += 1
      owner = target.lowercased()
      canonicalName = target
      shortest = min(shortest, alias.timeToLive)
    }
    records = message.answers.filter { $0.type == question.type && $0.owner.lowercased() == owner }
    if records.isEmpty { outcome = steps > 0 ? .aliases : .noData }
    timeToLive =
      records.isEmpty ? message.negativeTimeToLive : records.reduce(shortest) { min($0, $1.timeToLive) }
  }

  var addresses: [IPAddress] {
    records.compactMap { record in
      if case .address(let address) = record.data { address } else { nil }
    }
  }
}

extension DNSMessage {
  /// RFC 2308 section 5: the smaller of the SOA record's own time to live and its last field.
  fileprivate var negativeTimeToLive: UInt32? {
    for record in authorities {
      if case .authority(let minimum) = record.data { return min(record.timeToLive, minimum) }
    }
    return nil
  }
}

extension DNSRecord {
  fileprivate func isAlias(of name: String) -> Bool { type == .cname && owner.lowercased() == name }
}
