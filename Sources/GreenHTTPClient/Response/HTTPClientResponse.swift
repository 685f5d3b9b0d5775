public import GreenHTTP
public import HTTPTypes

/// The answer to a request, from its head on: its content comes when it is asked for.
///
/// ```swift
/// let answer = try client.get("http://127.0.0.1:8000/notes/7").successful()
/// let note = try answer.json(Note.self)
/// ```
///
/// `bytes(upTo:)`, `text(upTo:)` and `json(_:upTo:)` collect the whole content; ``body`` brings it piece by piece, line by line,
/// or as an asynchronous sequence. It can be read once.
public struct HTTPClientResponse: Sendable {
  /// The status: of an error too, which throws nothing by itself.
  public let status: HTTPResponse.Status
  /// The fields, in the order sent. A value that is not UTF-8 is taken for Latin-1.
  public let headers: HTTPFields
  /// The version that the server spoke.
  public let version: HTTPVersion
  /// Where the answer is from: after redirects another place than was asked for.
  public let url: String
  /// The content.
  public let body: Body
  /// How much is collected where the call does not say.
  let maximumContent: Int

  init(
    _ answer: IncomingAnswer, _ url: HTTPURL, _ lease: Lease, _ timing: Timing, _ configuration: HTTPClientConfiguration
  ) {
    (status, headers, version) = (answer.status, answer.fields, answer.version)
    self.url = url.text
    body = Body(answer.content, lease, timing)
    maximumContent = configuration.maximumContent
  }

  /// The answer itself where its status is one of success, 200 to 299.
  ///
  /// - Throws: ``HTTPClientError/unsuccessful(status:)`` for any other.
  @discardableResult
  public func successful() throws(HTTPClientError) -> HTTPClientResponse {
    guard (200..<300).contains(status.code) else { throw .unsuccessful(status: status.code) }
    return self
  }

  /// The whole content. Parks or blocks until it is there.
  ///
  /// - Parameter limit: the most bytes; ``HTTPClientConfiguration/maximumContent`` unless given.
  /// - Throws: ``HTTPClientError/tooLong(limit:)``; else as ``Body/read(into:)``.
  public func bytes(upTo limit: Int? = nil) throws -> [UInt8] { try body.collect(limit ?? maximumContent) }

  /// The whole content as text in UTF-8. Parks or blocks until it is there.
  ///
  /// - Throws: as `bytes(upTo:)`; ``HTTPClientError/undecodable(_:)`` where it is not UTF-8.
  public func text(upTo limit: Int? = nil) throws -> String {
    guard let text = String(validating: try bytes(upTo: limit), as: UTF8.self) else {
      throw HTTPClientError.undecodable("the content is not UTF-8")
    }
    return text
  }
}
