internal import CGlibc
internal import Glibc
internal import Synchronization

extension Resolver.Configuration {
  /// The defaults with what the environment changes. A value that cannot be understood is left out, and `complain` is
  /// called with a sentence about it.
  init(environment: (String) -> String?, complain: (String) -> Void) {
    self.init()
    if let text = environment("GREEN_RESOLVER") {
      if let known = Method(rawValue: text) {
        method = known
      } else {
        complain("GREEN_RESOLVER is \"\(text)\", not ares, thread or block")
      }
    }
    if let text = environment("GREEN_RESOLVER_NAMESERVERS") {
      var servers: [SocketAddress] = []
      for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
        if let address = Self.nameServer(String(word)) {
          servers.append(address)
        } else {
          complain("GREEN_RESOLVER_NAMESERVERS has \"\(word)\", which is no address with or without a port")
        }
      }
      if !servers.isEmpty { nameServers = servers }
    }
    if let text = environment("GREEN_RESOLVER_TIMEOUT") {
      if let seconds = Double(text), seconds >= 0.001, seconds <= 3600 {
        timeout = .milliseconds(Int64((seconds * 1000).rounded()))
      } else {
        complain("GREEN_RESOLVER_TIMEOUT is \"\(text)\", not a number of seconds from 0.001 to 3600")
      }
    }
  }

  static let fromEnvironment = Resolver.Configuration(
    environment: { name in getenv(name).map { String(cString: $0) } },
    complain: { cglibc_report("greenfinch: \($0); it is left out") })

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
    get { shared.withLock { $0 } ?? .fromEnvironment }
    set { shared.withLock { $0 = newValue } }
  }
}
