/// A command and its words.
public struct RedisCommand: Sendable, Equatable {
  let words: [[UInt8]]

  /// A command with its arguments: `RedisCommand("GET", key)`.
  public init(_ name: String, _ arguments: any RedisArgument...) { self.init(name, arguments) }

  /// As the one above, where their number is not known.
  public init(_ name: String, _ arguments: [any RedisArgument]) {
    words = [name.redisBytes] + arguments.map(\.redisBytes)
  }

  /// Adds it as it is sent: an array of bulk strings.
  func write(to bytes: inout [UInt8]) {
    bytes += "*\(words.count)\r\n".utf8
    for word in words {
      bytes += "$\(word.count)\r\n".utf8
      bytes += word
      bytes += "\r\n".utf8
    }
  }
}
