package import HTTPTypes

/// Why a request is refused before a handler sees it.
package enum HeadFault: Error, Hashable, CaseIterable {
  case bareLineFeed, requestLine, method, target, versionForm, versionUnsupported, connectMethod
  case fieldName, fieldValue, obsoleteFolding
  case contentLength, contentLengthTwice, contentLengthAndTransferEncoding
  case transferEncoding, transferEncodingVersion, transferCoding
  case hostMissing, hostTwice, host
  case expectation
  case targetTooLong, fieldTooLong, tooManyFields, headTooLong, bodyTooLong
  case headTimeout
  case forwarded, forwardedClient, forwardedScheme, forwardedHost, forwardedPort, forwardedPrefix, forwardedLength
  case forwardedContradiction

  /// The status it is answered with.
  package var status: HTTPResponse.Status {
    switch self {
    case .versionUnsupported: 505
    case .connectMethod, .transferCoding: 501
    case .expectation: 417
    case .targetTooLong: 414
    case .fieldTooLong, .tooManyFields, .headTooLong: 431
    case .bodyTooLong: 413
    case .headTimeout: 408
    default: 400
    }
  }

  /// One sentence for the client and the log.
  package var reason: String {
    switch self {
    case .bareLineFeed: "a line ends in LF without CR"
    case .requestLine: "the request line is not METHOD TARGET HTTP/1.1, separated by single spaces"
    case .method: "the method is not a token"
    case .target: "the request target is none of /path, http://host/path and, with OPTIONS, *"
    case .versionForm: "the request line does not end in HTTP/1.1 or HTTP/1.0"
    case .versionUnsupported: "only HTTP/1.1 and HTTP/1.0 are understood here"
    case .connectMethod: "CONNECT is not served here"
    case .fieldName: "a field name is empty, or is not a token followed by a colon"
    case .fieldValue: "a field value holds a control character"
    case .obsoleteFolding: "a field is folded over several lines"
    case .contentLength: "Content-Length is not a number of bytes"
    case .contentLengthTwice: "Content-Length is given twice"
    case .contentLengthAndTransferEncoding: "Content-Length and Transfer-Encoding are both given"
    case .transferEncoding: "Transfer-Encoding must end in chunked, given once"
    case .transferEncodingVersion: "HTTP/1.0 has no Transfer-Encoding"
    case .transferCoding: "chunked is the only Transfer-Encoding that is served here"
    case .hostMissing: "an HTTP/1.1 request needs a Host field"
    case .hostTwice: "Host is given twice"
    case .host: "Host is not a host name with an optional port"
    case .expectation: "the only expectation that can be met here is 100-continue"
    case .targetTooLong: "the request line is too long"
    case .fieldTooLong: "a field is too long"
    case .tooManyFields: "there are too many fields"
    case .headTooLong: "the head of the request is too long"
    case .bodyTooLong: "the body of the request is too long"
    case .headTimeout: "the head of the request did not arrive in time"
    case .forwarded: "Forwarded is not a list of what proxies say as RFC 7239 has it"
    case .forwardedClient: "X-Forwarded-For is not a list of addresses"
    case .forwardedScheme: "the scheme that a proxy tells is neither http nor https"
    case .forwardedHost: "the host that a proxy tells is not a host name with an optional port"
    case .forwardedPort: "X-Forwarded-Port is not a port"
    case .forwardedPrefix: "X-Forwarded-Prefix is not a path"
    case .forwardedLength: "a list in X-Forwarded-* is not as long as that of X-Forwarded-For"
    case .forwardedContradiction: "Forwarded and X-Forwarded-* say different things"
    }
  }
}
