public import GreenHTTP

extension HTTPClientRequest {
  /// The content of a request: in memory, a file, or what is made while it is sent.
  public struct Body: Sendable {
    let content: ResponseBody
    /// Sent as `Content-Type` unless the request's fields have one.
    let contentType: String?
    /// Whether it can be sent a second time, after a redirect or on another connection.
    let isRepeatable: Bool

    /// Nothing.
    public static var empty: Body { Body(content: .empty, contentType: nil, isRepeatable: true) }

    /// Bytes.
    public static func bytes(_ bytes: [UInt8], contentType: String = "application/octet-stream") -> Body {
      Body(content: .bytes(bytes), contentType: contentType, isRepeatable: true)
    }

    /// Text in UTF-8.
    public static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Body {
      Body(content: .string(text), contentType: contentType, isRepeatable: true)
    }

    /// Fields of a form, as `application/x-www-form-urlencoded`.
    public static func form(_ fields: KeyValuePairs<String, String>) -> Body {
      text(URLEncoding.form(fields), contentType: "application/x-www-form-urlencoded")
    }

    /// A file, sent from the kernel's cache where the connection can do that (`sendfile(2)`). It is opened here, and what is
    /// sent is that file, with the length that it has now.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - contentType: what the end of the path says, unless given.
    /// - Throws: `Errno`, as `open(2)`; `noSuchFileOrDirectory` for what is not a regular file.
    public static func file(_ path: String, contentType: String? = nil) throws -> Body {
      let file = try OpenFile(path: path)
      return Body(
        content: .stream(file.body), contentType: contentType ?? MediaType.ofFile(named: path), isRepeatable: true)
    }

    /// What is written while it is sent, once: in chunks (RFC 9112, 7.1) where the length is not known. It may wait for
    /// whatever it likes, but the server waits with it.
    ///
    /// ```swift
    /// .stream { body in for row in try database.rows() { try body.write(row.csv) } }
    /// ```
    ///
    /// - Parameters:
    ///   - length: in bytes, if it is known; not below 0.
    ///   - contentType: sent as `Content-Type`.
    ///   - write: writes the body. What it throws ends the connection, and comes out of the call that sends the request.
    public static func stream(
      length: Int? = nil, contentType: String = "application/octet-stream",
      _ write: @escaping @Sendable (BodyWriter) throws -> Void
    ) -> Body {
      stream(StreamedBody(length: length, write), contentType: contentType)
    }

    /// A body that is written while it is sent, perhaps with fields after it.
    public static func stream(_ body: StreamedBody, contentType: String = "application/octet-stream") -> Body {
      Body(content: .stream(body), contentType: contentType, isRepeatable: false)
    }
  }
}
