/// Why a request came to nothing, or its answer could not be used. What the network says is an `Errno`, a `ConnectError` or a
/// `ResolverError`.
public enum HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A text is not the URL of something that can be asked for.
  case invalidURL(String, problem: String)
  /// What was to be sent cannot be sent.
  case invalidRequest(String)
  /// The URL's scheme is `https`, and the client was made without TLS.
  case withoutTLS(String)
  /// The proxy would not make a way to the server.
  case proxyRefused(status: Int)
  /// The answer breaks a rule of HTTP: what it does.
  case malformedResponse(String)
  /// The connection ended before the answer began. The server may have done what it was asked to do.
  case connectionClosed
  /// The connection ended before the answer did.
  case truncated(received: Int, of: Int?)
  /// The content is longer than it may be.
  case tooLong(limit: Int)
  /// The content is not what it should be: text in UTF-8, JSON of a type.
  case undecodable(String)
  /// Something took longer than it may.
  case timedOut(Phase)
  /// The answers said again and again to ask elsewhere.
  case tooManyRedirects(limit: Int)
  /// An answer said to ask where nobody can.
  case invalidRedirect(String, problem: String)
  /// The request has to be sent once more, and its body cannot be made again.
  case bodyIsGone
  /// The status is none of success: see ``HTTPClientResponse/successful()``.
  case unsuccessful(status: Int)

  /// What took too long.
  public enum Phase: String, Sendable, Hashable {
    /// Waiting for one of the connections that there may be.
    case queue
    /// The name, the connection, a proxy and TLS.
    case connecting
    /// Sending the request.
    case sending
    /// Waiting for the answer's head.
    case response
    /// Reading the answer's content.
    case body
  }

  public var description: String {
    switch self {
    case .invalidURL(let url, let problem): "'\(url)' is not a URL that can be asked for: \(problem)"
    case .invalidRequest(let problem): "the request cannot be sent: \(problem)"
    case .withoutTLS(let url): "'\(url)' needs TLS: HTTPClient(tls: .openSSL), of the module GreenTLS"
    case .proxyRefused(let status): "the proxy makes no way to the server: it answered with \(status)"
    case .malformedResponse(let problem): "the answer is not HTTP: \(problem)"
    case .connectionClosed: "the server closed the connection without an answer"
    case .truncated(let received, let length):
      "the answer ended after \(received) \(length.map { "of \($0) bytes" } ?? "bytes, before its end")"
    case .tooLong(let limit): "the content is longer than \(limit) bytes"
    case .undecodable(let problem): problem
    case .timedOut(let phase): "it took too long: \(phase.sentence)"
    case .tooManyRedirects(let limit): "the answers said more than \(limit) times to ask elsewhere"
    case .invalidRedirect(let place, let problem): "the answer said to ask at '\(place)': \(problem)"
    case .bodyIsGone: "the request has to be sent once more, and its body was a stream, which there is no more"
    case .unsuccessful(let status): "the server answered with \(status)"
    }
  }
}

extension HTTPClientError.Phase {
  fileprivate var sentence: String {
    switch self {
    case .queue: "no connection of those that there may be became free"
    case .connecting: "no connection was made"
    case .sending: "the server did not take the request"
    case .response: "the server did not answer"
    case .body: "the server did not go on with its answer"
    }
  }
}
