package import Green
package import HTTPTypes

/// Who made a request, and knows the rest of it: where its body comes from, and on which way it came.
///
/// A connection of any version of HTTP is one, and so is an adapter to another server. A request's storage holds it as long
/// as more of the body may come.
package protocol RequestOrigin: AnyObject {
  /// See ``Request/remote``.
  var remote: String { get }
  /// See ``Request/local``.
  var local: String { get }
  /// See ``Request/isEncrypted``.
  var isEncrypted: Bool { get }
  /// See ``Request/tls``.
  var tls: TLSFacts? { get }
  /// See ``HTTPLimits/jsonDepth``.
  var jsonDepth: Int { get }

  /// Reads at least one byte of the body of the request in `storage`, at most `buffer.count`, which is not 0 and no more than
  /// is left of a body of known length. 0 at the end of one whose length nobody knew. Parks or blocks until then.
  func readBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int

  /// See ``Request/sendEarlyHints(_:)``.
  func sendEarlyHints(_ fields: HTTPFields, for storage: RequestStorage) throws

  /// See ``Request/isAbandoned``.
  var isAbandoned: Bool { get }
  /// What the bytes come from and go to, where that is a socket and nothing is in between.
  var socketDescriptor: CInt? { get }
  /// Parks or blocks until ``isAbandoned``; `false` when the deadline passes first.
  func waitUntilAbandoned(until deadline: Deadline) throws -> Bool
}

extension RequestOrigin {
  /// Nothing, where there is no way to send them.
  package func sendEarlyHints(_ fields: HTTPFields, for storage: RequestStorage) {}

  package var socketDescriptor: CInt? { nil }

  /// `false`, where that cannot be known.
  package var isAbandoned: Bool { false }
  package func waitUntilAbandoned(until deadline: Deadline) throws -> Bool {
    try Fiber.sleep(until: deadline)
    return false
  }
}

/// A connection that has gone on, or has ended, without a request that somebody keeps.
final class DepartedOrigin: RequestOrigin {
  let remote: String
  let local: String
  let isEncrypted: Bool
  let tls: TLSFacts?
  let jsonDepth: Int

  init(_ origin: some RequestOrigin) {
    remote = origin.remote
    local = origin.local
    isEncrypted = origin.isEncrypted
    tls = origin.tls
    jsonDepth = origin.jsonDepth
  }

  func readBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    throw HTTPError(.badRequest, "the body can no longer be read: its connection has gone on to the next request")
  }
}

/// Somebody else's server, or a test: the body comes from a closure.
final class AdaptedOrigin: RequestOrigin {
  let remote: String
  let local: String
  let isEncrypted: Bool
  var tls: TLSFacts? { nil }
  let jsonDepth: Int
  private let source: RequestBody.Source

  init(remote: String, local: String, isEncrypted: Bool, limits: HTTPLimits, source: @escaping RequestBody.Source) {
    self.remote = remote
    self.local = local
    self.isEncrypted = isEncrypted
    jsonDepth = limits.jsonDepth
    self.source = source
  }

  func readBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try source(buffer)
  }
}
