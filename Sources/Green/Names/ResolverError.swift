internal import CGlibc
internal import Glibc

/// Why a name has no answer.
public enum ResolverError: Error, Equatable, CustomStringConvertible {
  /// No such name (NXDOMAIN of RFC 1035), or none of the sources knows it.
  case notFound(String)
  /// The name exists and has nothing of the kind that was asked for.
  case noData(String)
  /// The name servers failed to answer the question (SERVFAIL).
  case serverFailure(String)
  /// The name servers refused to answer (REFUSED, NOTIMP).
  case refused(String)
  /// No name server could be reached, or none answered in its time and number of tries.
  case unanswered(String)
  /// The caller's deadline passed.
  case timedOut(String)
  /// It cannot be a name; the text says why.
  case invalidName(String, String)
  /// A name server's answer cannot be read; the text says what is wrong with it.
  case malformedAnswer(String, String)
  /// Something else, with the `EAI_` code of `getaddrinfo(3)`: flags that do not go together, an unknown service, no
  /// descriptor left. The text says what.
  case failed(String, code: CInt, String)

  /// The name, address or service that was asked for.
  public var name: String {
    switch self {
    case .notFound(let name), .noData(let name), .serverFailure(let name), .refused(let name), .unanswered(let name),
      .timedOut(let name), .invalidName(let name, _), .malformedAnswer(let name, _), .failed(let name, _, _):
      name
    }
  }

  /// What `getaddrinfo(3)` returns in this case: `EAI_NONAME`, `EAI_AGAIN` and so on.
  public var code: CInt {
    switch self {
    case .notFound, .invalidName: EAI_NONAME
    case .noData: CInt(CGLIBC_EAI_NODATA)
    case .serverFailure, .refused, .unanswered, .timedOut: EAI_AGAIN
    case .malformedAnswer: EAI_FAIL
    case .failed(_, let code, _): code
    }
  }

  public var description: String {
    switch self {
    case .notFound(let name): "the name \"\(name)\" is not known"
    case .noData(let name): "the name \"\(name)\" is known, but has nothing of the kind asked for"
    case .serverFailure(let name): "the name servers failed to look up \"\(name)\""
    case .refused(let name): "the name servers refused to look up \"\(name)\""
    case .unanswered(let name): "no name server answered when asked for \"\(name)\""
    case .timedOut(let name): "looking up \"\(name)\" took longer than its deadline"
    case .invalidName(let name, let reason): "\"\(name)\" cannot be looked up: \(reason)"
    case .malformedAnswer(let name, let reason): "the answer to the question for \"\(name)\" is malformed: \(reason)"
    case .failed(let name, _, let reason): "\"\(name)\" could not be looked up: \(reason)"
    }
  }

  /// From the code of `getaddrinfo(3)` or `getnameinfo(3)`.
  init(code: CInt, name: String, errno error: CInt) {
    switch code {
    case EAI_NONAME: self = .notFound(name)
    case CInt(CGLIBC_EAI_NODATA): self = .noData(name)
    case EAI_AGAIN: self = .unanswered(name)
    default:
      self = .failed(
        name, code: code, code == EAI_SYSTEM ? String(cString: strerror(error)) : String(cString: gai_strerror(code)))
    }
  }
}
