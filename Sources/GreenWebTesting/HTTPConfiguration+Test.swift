package import GreenHTTP

extension HTTPConfiguration {
  /// That of a server whose only client is a test. On a busy machine a test may be kept from going on for longer than a server
  /// waits for a client.
  package static var ofTest: HTTPConfiguration {
    let long = Duration.seconds(3600)
    var configuration = HTTPConfiguration()
    configuration.keepAlive = long
    configuration.limits.headDeadline = long
    configuration.limits.bodyDeadline = long
    configuration.limits.writeDeadline = long
    return configuration
  }
}
