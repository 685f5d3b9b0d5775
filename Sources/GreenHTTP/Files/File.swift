public import HTTPTypes
internal import SystemPackage

/// A file as an answer: sent from the kernel's cache, `sendfile(2)`, without passing through the process where the
/// connection can do that.
///
/// ```swift
/// app.get("/report") { _ in File("reports/2026.pdf", disposition: .attachment(named: "Report.pdf")) }
/// ```
///
/// It has a strong `ETag` and `Last-Modified`, so that a client that has it already is told so (RFC 9110, 13), and parts of it
/// may be asked for (RFC 9110, 14). A file whose name comes from the client belongs into a ``FileFolder``, which sees to it that
/// nothing else is reached.
public struct File: Sendable, Hashable {
  /// Where it is.
  public var path: String
  /// The media type; where it is not given, what the end of the path says.
  public var contentType: String?
  /// Whether it is to be shown or saved, and under which name.
  public var disposition: ContentDisposition?
  /// Further fields of the answer, such as `Cache-Control`.
  public var headers: HTTPFields

  /// A file at a path, which the program vouches for.
  public init(
    _ path: String, contentType: String? = nil, disposition: ContentDisposition? = nil,
    headers: HTTPFields = HTTPFields()
  ) {
    self.path = path
    self.contentType = contentType
    self.disposition = disposition
    self.headers = headers
  }

  /// The answer: the file, parts of it, or that the client has it. The file is opened here, and what is sent is that file
  /// even where another takes its place. One that is made shorter meanwhile ends the connection.
  ///
  /// - Throws: ``HTTPError`` with `404` where there is no regular file, with `403` where it may not be read; `Errno`.
  public func response(for request: Request) throws -> Response {
    var headers = headers
    if let disposition { headers[.contentDisposition] = disposition.description }
    let open: OpenFile
    do { open = try OpenFile(path: path) } catch { throw OpenFile.failure(error) }
    return open.response(contentType ?? MediaType.ofFile(named: path), headers, for: request)
  }
}

extension OpenFile {
  /// What is thrown where a file that a client asks for cannot be opened: ``HTTPError`` where that is its concern.
  static func failure(_ error: any Error) -> any Error {
    switch error as? Errno {
    case .noSuchFileOrDirectory, .notDirectory, .isDirectory, .tooManySymbolicLinkLevels, .fileNameTooLong,
      .improperLink,
      .noSuchAddressOrDevice:
      HTTPError(.notFound)
    case .permissionDenied: HTTPError(.forbidden)
    default: error
    }
  }

  func response(_ contentType: String, _ headers: HTTPFields, for request: Request) -> Response {
    let write = { @Sendable (body: BodyWriter, part: Range<Int>) in try body.write(self, part) }
    return Representation(
      contentType: contentType, headers: headers, validators: validators, length: byteCount, whole: .stream(body),
      write: write
    ).response(for: request)
  }
}
