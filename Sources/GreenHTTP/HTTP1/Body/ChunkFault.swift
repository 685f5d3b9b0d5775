internal import HTTPTypes

/// Why a chunked body is refused.
enum ChunkFault: Error, Hashable {
  case size, sizeTooLarge, lineEnd, lineTooLong, extensions, overhead, dataEnd, trailerField, bodyTooLong
  /// A trailer section breaks a rule or a limit of field lines.
  case trailers(HeadFault)

  /// The status it is answered with.
  var status: HTTPResponse.Status {
    switch self {
    case .bodyTooLong: .contentTooLarge
    case .trailers(let fault): fault.status
    default: .badRequest
    }
  }

  /// One sentence for the client and the log.
  var reason: String {
    switch self {
    case .size: "the size of a chunk is not a hexadecimal number"
    case .sizeTooLarge: "the size of a chunk is too large to be one"
    case .lineEnd: "the size of a chunk ends in CR or LF alone"
    case .lineTooLong: "the line with the size of a chunk is too long"
    case .extensions: "the extensions of a chunk are malformed"
    case .overhead: "the chunks of the body have more framing than content"
    case .dataEnd: "a chunk is not followed by CR and LF"
    case .trailerField: "a field is not allowed after the body"
    case .bodyTooLong: HeadFault.bodyTooLong.reason
    case .trailers(let fault): fault.reason
    }
  }
}
