/// The fields of a request in HTTP/2 that are no fields in HTTP/1: RFC 9113, 8.3.1. That each comes once, and those that
/// must be there are, is the session's to see to.
struct PseudoFields {
  private(set) var method: [UInt8] = []
  private(set) var path: [UInt8] = []
  private(set) var authority: [UInt8] = []
  /// What is to be spoken over the stream of a `CONNECT`: RFC 8441, 4.
  private(set) var connectProtocol: [UInt8] = []
  /// Whether they have become the beginning of a request, or were to.
  var isPut = false
  /// Whether method and target are known.
  var isWhole = false
  /// Whether a field `host` has come.
  var hasHost = false

  mutating func removeAll() {
    method.removeAll(keepingCapacity: true)
    path.removeAll(keepingCapacity: true)
    authority.removeAll(keepingCapacity: true)
    connectProtocol.removeAll(keepingCapacity: true)
    (isPut, isWhole, hasHost) = (false, false, false)
  }

  mutating func add(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ limits: HTTPLimits
  ) throws(HeadFault) {
    guard let at = name.baseAddress else { return }
    switch name.count {
    case 5 where matches(at, ":path"):
      // Of one that is too long as much is kept as any has that is not.
      path.append(contentsOf: value.prefix(limits.requestLine))
      if value.count > limits.requestLine { throw .targetTooLong }
    case 7 where matches(at, ":method"):
      guard value.count <= 64 else { throw .method }
      method.append(contentsOf: value)
    case 9 where matches(at, ":protocol"):
      guard value.count <= 64 else { throw .fieldTooLong }
      connectProtocol.append(contentsOf: value)
    case 10 where matches(at, ":authority"):
      guard value.count <= limits.fieldLine else { throw .fieldTooLong }
      authority.append(contentsOf: value)
    default: break
    }
  }
}
