internal import HTTPTypes

/// Puts the head of a request together that comes field by field, as HTTP/2 has it: the pseudo-header fields first (RFC 9113,
/// 8.3), then the others. One serves all requests of a connection, one after the other.
///
/// What it takes up is bounded by the limits: once one is passed, nothing more is kept.
package final class RequestAssembly {
  private let limits: HTTPLimits
  private var storage: RequestStorage?
  private var fault: HeadFault?
  private var pseudo = PseudoFields()
  private var cookies: [UInt8] = []
  /// The size so far, as RFC 9113, 6.5.2 counts: each field has 32 bytes more than its own.
  private var size = 0
  private var expectsContinue = false
  private var hasLength = false
  /// Whose words about the client count, where they are the peer's.
  private let trusted: TrustedPeers?
  private var isForwarded = false

  /// - Parameter peer: who sends the requests: `127.0.0.1:40312`.
  package init(_ configuration: HTTPConfiguration, peer: String) {
    var limits = configuration.limits.bounded
    // The length of the body is for who knows the route.
    limits.body = 0
    self.limits = limits
    let trusted = configuration.proxies.forwardedFrom
    self.trusted = trusted.trusts(peer: peer) ? trusted : nil
  }

  /// What is known of a request when its head is whole.
  package struct Head {
    package let storage: RequestStorage
    /// Why the server refuses it.
    package let fault: HeadFault?
    /// Whether its method and its target are known.
    package let hasRequestLine: Bool
    /// Whether the client waits for `100 (Continue)` before it sends the body.
    package let expectsContinue: Bool
    /// Whether it asks for another protocol over its stream: RFC 8441. To the application it is a request for an upgrade
    /// then, as HTTP/1 has it.
    package let asksForTunnel: Bool
  }

  /// Begins a head.
  package func begin() {
    storage = RequestStorage()
    fault = nil
    pseudo.removeAll()
    cookies.removeAll(keepingCapacity: true)
    size = 0
    (expectsContinue, hasLength, isForwarded) = (false, false, false)
  }

  /// Whether so much more than the limit has come that the rest is not worth an answer.
  package var isHopeless: Bool { size > 4 * limits.head + 65_536 }

  /// Takes a field.
  package func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    size += name.count + value.count + 32
    let isPseudo = name.first == 0x3a
    if fault != nil && !isPseudo { return }
    if size > limits.head { return note(.headTooLong) }
    do throws(HeadFault) {
      if isPseudo { try pseudo.add(name, value, limits) } else { try addField(name, value) }
    } catch {
      note(error)
    }
  }

  /// Ends the head, and gives the request away.
  ///
  /// - Parameter endsMessage: whether no body follows.
  package func finish(endsMessage: Bool, origin: any RequestOrigin) -> Head {
    let storage = storage ?? RequestStorage()
    do throws(HeadFault) {
      try putLine(storage)
      try putCookies(storage)
      if isForwarded, fault == nil, let trusted { try storage.noteForwarding(trusting: trusted) }
    } catch {
      note(error)
    }
    let state = storage.state
    let length = hasLength ? state.pointee.body.length : nil
    state.pointee.body.begin(length: endsMessage || fault != nil || !pseudo.connectProtocol.isEmpty ? 0 : length)
    state.pointee.origin = origin
    self.storage = nil
    return Head(
      storage: storage, fault: fault, hasRequestLine: pseudo.isWhole, expectsContinue: expectsContinue && !endsMessage,
      asksForTunnel: fault == nil && !pseudo.connectProtocol.isEmpty)
  }

  private func note(_ fault: HeadFault) { self.fault = self.fault ?? fault }

  /// Puts method, target and authority first, before any other field, and once.
  private func putLine(_ storage: RequestStorage) throws(HeadFault) {
    if pseudo.isPut { return }
    pseudo.isPut = true
    storage.state.pointee.head.version = .http2
    if !pseudo.connectProtocol.isEmpty { return try putUpgrade(storage) }
    let isConnect = pseudo.method.elementsEqual("CONNECT".utf8)
    let target = isConnect ? pseudo.authority : pseudo.path
    // RFC 9113, 8.3.1: no absolute form.
    guard isConnect || target.first == 0x2f || target == [0x2a] else { throw .target }
    pseudo.isWhole = isConnect
    try putLine(pseudo.method, target, storage)
  }

  private func putLine(_ method: [UInt8], _ target: [UInt8], _ storage: RequestStorage) throws(HeadFault) {
    let start = storage.put(method)
    _ = storage.put(" ")
    try storage.noteRequestLine(start, method.count, storage.put(target), target.count)
    pseudo.isWhole = true
    if !pseudo.authority.isEmpty { try putHost(pseudo.authority, storage) }
  }

  /// RFC 8441, 5: what a request for an upgrade is in HTTP/1.
  private func putUpgrade(_ storage: RequestStorage) throws(HeadFault) {
    guard pseudo.method.elementsEqual("CONNECT".utf8), pseudo.path.first == 0x2f else { throw .target }
    try putLine(Array("GET".utf8), pseudo.path, storage)
    try put("connection", Array("upgrade".utf8), storage)
    try put("upgrade", pseudo.connectProtocol, storage)
    // Of no use where nobody could take the stream for another; but whoever answers as over HTTP/1 asks for one.
    try put("sec-websocket-key", Array("AAAAAAAAAAAAAAAAAAAAAA==".utf8), storage)
  }

  private func put(_ name: StaticString, _ value: [UInt8], _ storage: RequestStorage) throws(HeadFault) {
    let start = storage.put(name)
    try storage.noteField(start, name.utf8CodeUnitCount, storage.put(value), value.count, limits)
  }

  private func putHost(_ host: [UInt8], _ storage: RequestStorage) throws(HeadFault) {
    let name = storage.put(RequestStorage.hostName)
    try storage.noteHost(name, storage.put(host), host.count)
  }

  private func addField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(HeadFault) {
    guard let storage, let at = name.baseAddress else { throw .fieldName }
    try putLine(storage)
    switch name.count {
    case 4 where matches(at, "host"): return try addHost(Array(value), storage)
    case 6 where matches(at, "cookie"): return addCookie(value)
    // There is one already.
    case 17 where !pseudo.connectProtocol.isEmpty && matches(at, "sec-websocket-key"): return
    case 6 where matches(at, "expect"): try noteExpectation(value)
    case 9 where matches(at, "forwarded"): isForwarded = true
    case 12 where matches(at, "x-request-id"): isForwarded = true
    case 15...18 where matches(at, "x-forwarded-"): isForwarded = true
    default: break
    }
    let valueStart = try put(name, value, storage)
    if name.count == 14 && matches(at, "content-length") {
      if hasLength { throw .contentLengthTwice }
      hasLength = true
      try storage.noteLength(valueStart, value.count, limits)
    }
  }

  /// Returns where the value begins.
  @discardableResult
  private func put(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ storage: RequestStorage
  ) throws(HeadFault) -> Int {
    let nameStart = storage.put(name)
    let valueStart = storage.put(value)
    try storage.noteField(nameStart, name.count, valueStart, value.count, limits)
    return valueStart
  }

  /// RFC 9113, 8.3.1: the same as the authority, where there is one, and then there is no need for it.
  private func addHost(_ host: [UInt8], _ storage: RequestStorage) throws(HeadFault) {
    if pseudo.hasHost { throw .hostTwice }
    pseudo.hasHost = true
    if pseudo.authority.isEmpty { return try putHost(host, storage) }
    if pseudo.authority != host { throw .hostTwice }
  }

  /// RFC 9113, 8.2.3: a cookie field may come in pieces, which are one to whoever reads it.
  private func addCookie(_ value: UnsafeRawBufferPointer) {
    if !cookies.isEmpty { cookies += [0x3b, 0x20] }
    cookies += value
  }

  private func putCookies(_ storage: RequestStorage) throws(HeadFault) {
    if cookies.isEmpty || fault != nil { return }
    try put("cookie", cookies, storage)
  }

  private func noteExpectation(_ value: UnsafeRawBufferPointer) throws(HeadFault) {
    guard let base = UnsafeRawPointer(value.baseAddress), !value.isEmpty else { return }
    guard matchesIgnoringCase(base, count: value.count, "100-continue") else { throw .expectation }
    expectsContinue = true
  }
}
