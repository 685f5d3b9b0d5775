/// Questions to the name servers with a memory: what was answered is kept for as long as the answer allows, and a
/// question that is under way is not asked again: whoever asks it meanwhile gets the same answer.
final class DNSClient {
  /// How long answers are kept.
  struct Keeping {
    /// The most answers that are kept at once.
    var limit: Int
    /// The longest that any answer is kept, whatever it says.
    var longest: Duration
    /// The same of the answer that there is no such name or no such record.
    var longestNegative: Duration
    /// How long such an answer is kept that does not say how long it holds.
    var unspecifiedNegative: Duration
  }

  private struct Kept {
    let answer: DNSAnswer
    let expires: Int64
  }

  /// Those who wait for the answer to one question.
  private final class Flight {
    var waiting: [(DNSAnswer) -> Void] = []
  }

  private let channel: DNSChannel
  private let keeping: Keeping
  private var kept: [DNSQuestion: Kept] = [:]
  private var flights: [DNSQuestion: Flight] = [:]

  init(_ channel: DNSChannel, keeping: Keeping) {
    self.channel = channel
    self.keeping = keeping
  }

  var isIdle: Bool { channel.isIdle }

  /// Ends the questions under way without telling anybody.
  func close() {
    channel.close()
    flights = [:]
  }

  /// Forgets the answers that are kept. Questions under way go on.
  func forget() { kept = [:] }

  /// Asks; `done` is called at once where the answer is known, else later, always on the same thread. It must not park.
  func ask(_ question: DNSQuestion, _ done: @escaping (DNSAnswer) -> Void) {
    if let known = kept[question], known.expires > Deadline.now.nanoseconds { return done(known.answer) }
    if let flight = flights[question] { return flight.waiting.append(done) }
    let flight = Flight()
    flight.waiting = [done]
    flights[question] = flight
    channel.ask(question) { [unowned self] answer in
      flights[question] = nil
      keep(answer, to: question)
      for done in flight.waiting { done(answer) }
    }
  }

  private func keep(_ answer: DNSAnswer, to question: DNSQuestion) {
    let stated = answer.timeToLive.map { Duration.seconds(Int64($0)) }
    let time: Duration
    switch answer.outcome {
    case .records: time = min(stated ?? .zero, keeping.longest)
    case .noName, .noData, .aliases: time = min(stated ?? keeping.unspecifiedNegative, keeping.longestNegative)
    default: time = .zero
    }
    guard time > .zero, keeping.limit > 0 else { return kept[question] = nil }
    if kept.count >= keeping.limit && kept[question] == nil { makeRoom() }
    kept[question] = Kept(answer: answer, expires: Deadline.after(time).nanoseconds)
  }

  /// Lets go what has expired and what expires soonest: a quarter of all at least, so that this is seldom.
  private func makeRoom() {
    let order = kept.values.map(\.expires).sorted()
    let bound = max(Deadline.now.nanoseconds, order[order.count / 4])
    kept = kept.filter { $0.value.expires > bound }
  }
}
