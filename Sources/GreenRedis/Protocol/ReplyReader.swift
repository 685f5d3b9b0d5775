internal import CGreenHiredis

/// hiredis's reader: what comes goes in, in any pieces, and answers come out.
final class ReplyReader {
  private let pointer: UnsafeMutablePointer<redisReader>

  init?() {
    guard let pointer = redisReaderCreate() else { return nil }
    self.pointer = pointer
  }

  deinit { redisReaderFree(pointer) }

  func feed(_ bytes: UnsafeRawBufferPointer) throws {
    if redisReaderFeed(pointer, bytes.baseAddress, bytes.count) != REDIS_OK { throw malformed }
  }

  /// The next answer, `nil` where it has not come as a whole.
  func next() throws -> RedisValue? {
    var reply: UnsafeMutableRawPointer?
    if redisReaderGetReply(pointer, &reply) != REDIS_OK { throw malformed }
    guard let reply else { return nil }
    defer { freeReplyObject(reply) }
    return RedisValue(reply.assumingMemoryBound(to: redisReply.self))
  }

  private var malformed: RedisConnectionError { .malformed(String(cString: chiredis_reader_error(pointer))) }
}

extension RedisValue {
  fileprivate init(_ reply: UnsafePointer<redisReply>) {
    var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len))) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    switch chiredis_reply_type(reply) {
    case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
    case REDIS_REPLY_STATUS: self = .status(text)
    case REDIS_REPLY_STRING: self = .bytes(bytes)
    case REDIS_REPLY_ERROR: self = .error(RedisError(text))
    case REDIS_REPLY_ARRAY:
      let elements = UnsafeBufferPointer(start: reply.pointee.element, count: Int(reply.pointee.elements))
      self = .array(elements.map { $0.map { RedisValue($0) } ?? .null })
    default: self = .null
    }
  }
}
