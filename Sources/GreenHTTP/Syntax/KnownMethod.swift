package import HTTPTypes

/// A method as one byte, so that routing compares no strings. Any other token is `other`.
package enum KnownMethod: UInt8, Sendable, CaseIterable {
  case get, head, post, put, delete, patch, options, trace, connect, other

  /// The method of this name; methods are case-sensitive (RFC 9110, 9.1).
  package init(_ method: HTTPRequest.Method) {
    self =
      switch method.rawValue {
      case "GET": .get
      case "HEAD": .head
      case "POST": .post
      case "PUT": .put
      case "DELETE": .delete
      case "PATCH": .patch
      case "OPTIONS": .options
      case "TRACE": .trace
      case "CONNECT": .connect
      default: .other
      }
  }

  /// The method whose name is the `count` bytes at `name`.
  @inline(__always)
  init(name: UnsafeRawPointer, count: Int) {
    self = .other
    switch count {
    case 3:
      if matches(name, "GET") { self = .get } else if matches(name, "PUT") { self = .put }
    case 4:
      if matches(name, "POST") { self = .post } else if matches(name, "HEAD") { self = .head }
    case 5:
      if matches(name, "PATCH") { self = .patch } else if matches(name, "TRACE") { self = .trace }
    case 6:
      if matches(name, "DELETE") { self = .delete }
    case 7:
      if matches(name, "OPTIONS") { self = .options } else if matches(name, "CONNECT") { self = .connect }
    default: break
    }
  }

  /// The method as its name, for all but `other`.
  package var method: HTTPRequest.Method? {
    switch self {
    case .get: .get
    case .head: .head
    case .post: .post
    case .put: .put
    case .delete: .delete
    case .patch: .patch
    case .options: .options
    case .trace: .trace
    case .connect: .connect
    case .other: nil
    }
  }
}
