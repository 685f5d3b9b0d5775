/// What a client sends on one connection, right or wrong, and what must come of it.
public struct RequestCase: Sendable, CustomStringConvertible {
  public let file: String
  public let name: String
  /// What is sent, with the next request on the connection after it unless the client ends there.
  public let bytes: [UInt8]
  /// Whether the client sends nothing after `bytes`, and says so.
  public let endsThere: Bool
  /// The answers: each a status, and of those that are served what the handler saw; then `next` where the request after
  /// these was served too, or `end` where the server has ended the connection.
  public let outcome: [String]

  public var description: String { "\(file): \(name)" }

  /// The outcome where a connection serves one request: the first answer, and the end.
  public var outcomeOfOneRequest: [String] { outcome.count > 1 ? [outcome[0], RequestCase.end] : outcome }

  public static let next = "next"
  public static let end = "end"
  /// What follows on every connection: whether it is served shows whether the connection goes on.
  static let nextRequest = "GET /next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n"
  static let nextAnswer = "200 GET /next at next"
  /// In the place of what the handler saw, where the answer has no content.
  static let noContent = "-"
}

extension RequestCase {
  /// The outcome that the bytes of a server mean.
  public func outcome(of received: [UInt8]) -> [String] {
    var outcome: [String] = []
    var rest = received[...]
    while !rest.isEmpty {
      let isBodiless = self.outcome.count > outcome.count && self.outcome[outcome.count].hasSuffix(" \(Self.noContent)")
      guard let answer = Answer(taking: &rest, isBodiless: isBodiless) else {
        return outcome + ["not an answer: \(escaped(Array(rest.prefix(200))))"]
      }
      // Whether one is told to go on depends on how much of the body has come by then.
      if answer.status >= 200 { outcome.append(answer.line) }
    }
    if outcome.last == Self.nextAnswer { return outcome.dropLast() + [Self.next] }
    return outcome + [Self.end]
  }
}
