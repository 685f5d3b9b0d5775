/// What a connection does after the answer `101 (Switching Protocols)`: another protocol, RFC 9110, 7.8. Made by
/// ``Response/init(upgradingTo:headers:_:)``.
package final class Upgrade: Sendable {
  /// The protocol's name as `Upgrade` has it: `websocket`.
  package let name: String
  let speak: @Sendable (any ByteStream, StopNotice) throws -> Void

  init(to name: String, _ speak: @escaping @Sendable (any ByteStream, StopNotice) throws -> Void) {
    self.name = name
    self.speak = speak
  }
}

extension Upgrade: Hashable {
  package static func == (left: Upgrade, right: Upgrade) -> Bool { left === right }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
