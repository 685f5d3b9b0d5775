/// One name's search through the domains of `resolv.conf(5)`: each full name is asked for the types wanted, at once,
/// until one of them has records.
///
/// The order, and what ends the search, are those of `res_search(3)`.
final class DNSSearch {
  struct Found {
    /// The full name, without a dot at its end.
    let name: String
    /// One answer for each type, in the order asked for; those that failed have no records.
    let answers: [DNSAnswer]
  }

  private let client: DNSClient
  private let types: [DNSType]
  private let done: (Result<Found, DNSSearchFailure>) -> Void
  /// Called where the answer of one type has records while that of another is still awaited: the records that have come.
  /// They end the search, so what is found in the end has them too.
  var foundFirst: ((Found) -> Void)?
  /// What is tried before, in and after the search list; `nil` once it was tried or is not to be.
  private var first: String?
  private var list: ArraySlice<String>
  private var last: String?
  private var firstFailure: DNSAnswer.Outcome?
  private var sawNoData = false
  private var sawServerFailure = false
  private var latest = DNSAnswer.Outcome.noName
  /// Set when nobody wants the result any more: the question under way is the last.
  var isAbandoned = false

  init(
    _ name: String, _ types: [DNSType], _ configuration: ResolvConf, searchDomains: [String], client: DNSClient,
    done: @escaping (Result<Found, DNSSearchFailure>) -> Void
  ) {
    self.client = client
    self.types = types
    self.done = done
    let dots = name.utf8.count { $0 == UInt8(ascii: ".") }
    let isAbsolute = name.utf8.last == UInt8(ascii: ".")
    list = isAbsolute ? [] : searchDomains.map { Self.join(name, $0) }[...]
    let listHasRoot = list.contains(name + ".")
    if dots >= configuration.ndots || isAbsolute {
      first = name
    } else if !listHasRoot && (dots > 0 || list.isEmpty || !configuration.skipsTopLevel) {
      last = name
    }
  }

  /// The root may be in the list, as ".".
  private static func join(_ name: String, _ domain: String) -> String {
    name + "." + (domain.hasPrefix(".") ? domain.dropFirst() : domain[...])
  }

  func start() { next() }

  private func next() {
    if let name = first {
      first = nil
      ask(name) { [self] outcome in
        firstFailure = outcome
        next()
      }
    } else if let name = list.popFirst() {
      ask(name) { [self] outcome in
        if !goesOn(after: outcome) { list = [] }
        next()
      }
    } else if let name = last {
      last = nil
      ask(name) { [self] _ in next() }
    } else {
      let outcome = firstFailure ?? (sawNoData ? .noData : sawServerFailure ? .serverFailure : latest)
      done(.failure(DNSSearchFailure(outcome)))
    }
  }

  /// Whether the rest of the search list is worth trying.
  private func goesOn(after outcome: DNSAnswer.Outcome) -> Bool {
    switch outcome {
    case .noName: return true
    case .noData:
      sawNoData = true
      return true
    case .serverFailure:
      sawServerFailure = true
      return true
    case .unreachable:
      last = nil
      return false
    default: return false
    }
  }

  private func ask(_ name: String, _ failed: @escaping (DNSAnswer.Outcome) -> Void) {
    // A domain may make the name too long.
    guard DNSName.fault(in: name) == nil else {
      latest = .noName
      return failed(latest)
    }
    var answers = [DNSAnswer?](repeating: nil, count: types.count)
    for (index, type) in types.enumerated() {
      client.ask(DNSQuestion(name, type)) { [self] answer in
        answers[index] = answer
        if isAbandoned { return }
        let all = answers.compactMap { $0 }
        let isWhole = all.count == types.count
        if all.contains(where: { $0.outcome == .records }) {
          let found = Found(name: name.hasSuffix(".") ? String(name.dropLast()) : name, answers: all)
          return isWhole ? done(.success(found)) : foundFirst?(found) ?? ()
        }
        guard isWhole else { return }
        // An alias is an answer, if not a useful one.
        if all.contains(where: { $0.outcome == .aliases }) { return done(.failure(DNSSearchFailure(.aliases))) }
        // The first answer's outcome, but where it has none of its own: the next one's.
        latest = all.first { $0.outcome != .noData }?.outcome ?? .noData
        failed(latest)
      }
    }
  }
}

/// Why a search found nothing.
struct DNSSearchFailure: Error {
  let outcome: DNSAnswer.Outcome

  init(_ outcome: DNSAnswer.Outcome) { self.outcome = outcome }
}
