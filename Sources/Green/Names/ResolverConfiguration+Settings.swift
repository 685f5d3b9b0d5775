internal import Synchronization

extension Resolver.Configuration {
  /// The defaults with what the settings change.
  static var fromSettings: Resolver.Configuration {
    var configuration = Resolver.Configuration()
    configuration.method = Settings.resolver.value
    let (nameServers, timeout) = (Settings.resolverNameServers.value, Settings.resolverTimeout.value)
    if !nameServers.isEmpty { configuration.nameServers = nameServers }
    if timeout > .zero { configuration.timeout = timeout }
    return configuration
  }

  /// `ADDRESS`, `ADDRESS:PORT` of IPv4, `[ADDRESS]:PORT` of IPv6.
  static func nameServer(_ text: String) -> SocketAddress? {
    if let address = IPAddress(text: text) { return address.socketAddress(port: 53) }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
      guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
      return IPAddress(text: String(text.dropFirst().dropLast()))?.socketAddress(port: 53)
    }
    var host = text[..<colon]
    if host.hasPrefix("[") && host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    return IPAddress(text: String(host))?.socketAddress(port: port)
  }
}

extension Resolver {
  private static let shared = Guarded<Configuration?>(nil)

  /// The process's configuration: of plain threads, and of hubs that have none of their own. Setting it affects hubs
  /// that have not looked up any name yet.
  public static var configuration: Configuration {
    get { shared.withLock { $0 } ?? .fromSettings }
    set { shared.withLock { $0 = newValue } }
  }
}
