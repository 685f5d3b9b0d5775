import Glibc
import Green
import GreenHTTP
import HTTPTypes

/// What a line of the access log can tell, by gunicorn's letters: `%(h)s`.
enum AccessAtom: String, CaseIterable {
  case host = "h"
  /// Always `-`, as in the common log format.
  case identity = "l"
  /// Who the request says that it is from, by HTTP's basic authentication.
  case user = "u"
  case time = "t"
  case requestLine = "r"
  case method = "m"
  case path = "U"
  case query = "q"
  case version = "H"
  case status = "s"
  case bytes = "B"
  case bytesOrDash = "b"
  case referer = "f"
  case userAgent = "a"
  case seconds = "T"
  case milliseconds = "M"
  case microseconds = "D"
  /// Seconds with six digits after the point.
  case exactSeconds = "L"
  /// The worker's process number, in angle brackets.
  case process = "p"

  /// Appends what it stands for. Nothing that a client sends can end the line, or its quotes.
  @inline(__always)
  func append(_ record: AccessRecord, at time: String, to line: inout String) {
    switch self {
    case .host: line += LogText.escaped(record.host)
    case .identity: line += "-"
    case .time:
      line += "["
      line += time
      line += "]"
    case .requestLine: line += LogText.escaped(record.request?.line ?? "-")
    case .status: line += String(record.status)
    case .bytes, .bytesOrDash: line += String(record.bodyBytes)
    case .referer: line += LogText.escaped(record.request?.header(.referer) ?? "-")
    case .userAgent: line += LogText.escaped(record.request?.header(.userAgent) ?? "-")
    case .user, .method, .path, .query, .version: line += LogText.escaped(text(of: record.request))
    case .seconds: line += String(record.nanoseconds / 1_000_000_000)
    case .milliseconds: line += String(record.nanoseconds / 1_000_000)
    case .microseconds: line += String(record.nanoseconds / 1000)
    case .exactSeconds: line += Self.seconds(record.nanoseconds)
    case .process: line += "<\(getpid())>"
    }
  }

  /// Those that are not in the usual format.
  private func text(of request: Request?) -> String {
    guard let request else { return "-" }
    switch self {
    case .user: return BasicUser.name(of: request) ?? "-"
    case .method: return request.method.rawValue
    case .path: return request.path
    case .query: return request.rawQuery ?? ""
    case .version: return request.version.description
    default: return "-"
    }
  }

  /// `0.001234`
  static func seconds(_ nanoseconds: Int64) -> String {
    let microseconds = nanoseconds / 1000
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
  }
}
