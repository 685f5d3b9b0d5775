import GreenHTTP
import HTTPTypes

/// An application made from a closure.
struct Handler: Application {
  let body: @Sendable (Request) throws -> Response

  init(_ body: @escaping @Sendable (Request) throws -> Response) { self.body = body }

  func respond(to request: Request) throws -> Response { try body(request) }

  /// Says `METHOD target` and the body.
  static let echo = Handler { request in
    Response("\(request.method) \(request.target) " + String(decoding: try request.body.bytes(), as: UTF8.self))
  }
}

/// Serves `stream` and returns the answers with their dates left out, so that they can be compared.
func serve(
  _ stream: ScriptedStream, with application: some Application = Handler.echo,
  configuration: HTTPConfiguration = HTTPConfiguration(), observer: (any HTTPConnectionObserver)? = nil
) -> [Answer] {
  HTTPConnection(stream: stream, application: application, configuration: configuration, observer: observer).serve()
  return Answer.all(in: stream.sent)
}

/// Serves one piece of text.
func serve(
  _ text: String, with application: some Application = Handler.echo,
  configuration: HTTPConfiguration = HTTPConfiguration(), observer: (any HTTPConnectionObserver)? = nil
) -> [Answer] {
  serve(ScriptedStream(text), with: application, configuration: configuration, observer: observer)
}

/// An answer as a client reads it.
struct Answer: Equatable {
  var status = 0
  var reason = ""
  var fields: [(name: String, value: String)] = []
  var body = ""

  static func == (left: Answer, right: Answer) -> Bool {
    left.status == right.status && left.body == right.body
      && left.fields.filter { $0.name != "Date" }.map { "\($0)" }
        == right.fields.filter { $0.name != "Date" }
        .map { "\($0)" }
  }

  /// All values of a field.
  subscript(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name.lowercased() }.map { $0.value }
  }

  /// Reads answers one after the other, each with as much body as its Content-Length says; what is left over is the body
  /// of a last answer with status -1.
  static func all(in bytes: [UInt8], isHead: Bool = false) -> [Answer] {
    var answers: [Answer] = []
    var rest = Substring(String(decoding: bytes, as: UTF8.self))
    while !rest.isEmpty {
      guard rest.hasPrefix("HTTP/1.1 "), let end = rest.firstRange(of: "\r\n\r\n") else {
        answers.append(Answer(status: -1, body: String(rest)))
        break
      }
      let lines = rest[..<end.lowerBound].split(separator: "\r\n")
      var answer = Answer()
      answer.status = Int(lines[0].dropFirst(9).prefix(3)) ?? -1
      answer.reason = String(lines[0].dropFirst(13))
      for line in lines.dropFirst() {
        guard let colon = line.firstRange(of: ": ") else { continue }
        answer.fields.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
      }
      rest = rest[end.upperBound...]
      if !isHead, let length = answer["Content-Length"].first.flatMap({ Int($0) }) {
        answer.body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
        rest = rest[rest.utf8.index(rest.startIndex, offsetBy: min(length, rest.utf8.count))...]
      }
      answers.append(answer)
    }
    return answers
  }
}
