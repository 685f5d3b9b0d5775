/// The head of a request in no wire format: where its parts lie in one block of bytes, that of its ``RequestStorage``.
///
/// Whoever makes a request notes these: HTTP/1 where it has found them in what it received, others where they have put
/// them. All offsets count from the block's first byte.
struct RequestHead: ~Copyable {
  /// Where the method begins. The target follows it after one space.
  var start = 0
  var methodLength = 0
  var target = 0
  var targetLength = 0
  /// The path of the target, still percent-encoded.
  var path = 0
  var pathLength = 0
  /// The query without its `?`; a length of -1 when there is none.
  var query = 0
  var queryLength = -1
  /// The authority of a target in absolute form; a length of -1 in other forms.
  var authority = 0
  var authorityLength = -1
  var method = KnownMethod.other
  var version = HTTPVersion.http1_1

  var fields = FieldTable()
  /// What trusted proxies say of the request.
  var forwarding: Forwarding?

  /// Forgets the head, keeps the memory.
  @inline(__always)
  mutating func reset() {
    queryLength = -1
    authorityLength = -1
    method = .other
    if forwarding != nil { forwarding = nil }
    fields.removeAll()
  }
}
