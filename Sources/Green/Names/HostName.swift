/// A host and a service by their names, as `getnameinfo(3)` returns them.
public struct HostName: Sendable, Equatable {
  /// The name of the host, or its address where it has no name.
  public var host: String
  /// The name of the service, or its port where it has no name.
  public var service: String

  /// A host and a service.
  public init(host: String, service: String) {
    self.host = host
    self.service = service
  }
}
