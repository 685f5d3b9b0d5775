internal import Green
internal import SystemPackage

// A connection that has subscribed to channels: what comes on it is no answer to what was sent. One receives while another sends.

extension RedisConnection {
  func push(_ commands: [RedisCommand]) throws {
    do {
      try send(commands, until: .after(.seconds(5)))
    } catch {
      throw explained(error)
    }
  }

  /// - Throws: `Errno.timedOut` at the deadline: the connection can be used on.
  func receivePushed(until deadline: Deadline) throws -> RedisValue {
    do {
      let value = try receive(until: deadline)
      if case .error(let error) = value { throw error }
      return value
    } catch let error where error as? Errno != .timedOut {
      throw explained(error)
    }
  }
}
