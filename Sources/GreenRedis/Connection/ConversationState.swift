/// What earlier commands have left behind on a connection, so that later ones would mean something else.
struct ConversationState {
  private var isInTransaction = false
  private var isWatching = false
  private var isOfOneUser = false

  /// Whether a command means what it means on a new connection.
  var isFresh: Bool { !isInTransaction && !isWatching && !isOfOneUser }

  /// Notes a command that the server has answered. One that failed counts as carried out: at worst a connection is made anew.
  mutating func note(_ command: RedisCommand) {
    // Most commands begin otherwise.
    guard let name = command.words.first, (4...12).contains(name.count), Self.firstLetters.contains(name[0] & 0xdf)
    else { return }
    switch Self.upper(name) {
    case "MULTI": isInTransaction = true
    case "WATCH": isWatching = true
    case "UNWATCH": isWatching = false
    case "EXEC", "DISCARD": (isInTransaction, isWatching) = (false, false)
    case "SELECT", "AUTH", "HELLO", "RESET", "READONLY", "READWRITE", "ASKING", "MONITOR", "SYNC", "PSYNC", "REPLCONF",
      "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE":
      isOfOneUser = true
    case "CLIENT":
      let part = command.words.count > 1 ? Self.upper(command.words[1]) : ""
      if ["REPLY", "TRACKING", "CACHING", "NO-EVICT", "NO-TOUCH"].contains(part) { isOfOneUser = true }
    default: break
    }
  }

  private static let firstLetters = Array("ACDEHMPRSUW".utf8)

  private static func upper(_ word: [UInt8]) -> String {
    String(decoding: word.map { $0 &- 0x61 < 26 ? $0 & 0xdf : $0 }, as: UTF8.self)
  }
}
