internal import Green

/// An address to listen at, as `--bind` spells it.
///
/// `127.0.0.1:8000`, `example.org` (port 8000), `:8000` (every IPv4 address), `[::1]:8000`, `unix:/path/to/socket`,
/// `unix:@name` (abstract, without a file), `fd://3`, or `fd://NAME`.
public enum BindAddress: Sendable, Hashable, CustomStringConvertible {
  /// A TCP port of a host, which is a name or a number.
  case tcp(host: String, port: UInt16)
  /// A socket in the file system; with a path that begins with `@` an abstract one, `unix(7)`.
  case unix(path: String)
  /// A socket that the server is started with, by its descriptor.
  case descriptor(Int32)
  /// Sockets that systemd has opened for the server, by what `FileDescriptorName=` of their unit says.
  case activated(name: String)

  static let standardPort: UInt16 = 8000

  /// Reads an address; throws a ``ConfigurationError``.
  public init(parsing text: String) throws(ConfigurationError) {
    func invalid(_ reason: String) -> ConfigurationError {
      ConfigurationError("the address", text, SettingFault("which cannot be listened at: \(reason)"))
    }

    if let named = try Self.withoutPort(text, invalid) {
      self = named
      return
    }

    var rest = Substring(text.hasPrefix("tcp://") ? text.dropFirst("tcp://".count) : text[...])
    let host: Substring
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { throw invalid("']' is missing") }
      host = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      if host.isEmpty { throw invalid("there is no address in the brackets") }
      if !rest.isEmpty && rest.first != ":" { throw invalid("after ']' only ':' and a port may follow") }
    } else {
      let end = rest.firstIndex(of: ":") ?? rest.endIndex
      host = rest[..<end]
      rest = rest[end...]
      if rest.dropFirst().contains(":") { throw invalid("an IPv6 address needs brackets, as in [::1]:8000") }
    }

    guard !rest.isEmpty else {
      if host.isEmpty { throw invalid("there is no host") }
      if host.allSatisfy(\.isNumber) { throw invalid("there is no host; for the port alone, write ':\(host)'") }
      self = .tcp(host: String(host), port: Self.standardPort)
      return
    }
    let digits = rest.dropFirst()
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
      throw invalid("'\(digits)' is not a port")
    }
    self = .tcp(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
  }

  /// What is no address of the network; `nil` for one that is.
  private static func withoutPort(
    _ text: String, _ invalid: (String) -> ConfigurationError
  ) throws(ConfigurationError) -> BindAddress? {
    if text.hasPrefix("unix:") {
      // gunicorn knows unix://PATH too.
      let path = String(text.dropFirst(text.hasPrefix("unix://") ? "unix://".count : "unix:".count))
      if path.isEmpty { throw invalid("there is no path after 'unix:'") }
      // sockaddr_un has room for 108 bytes, a 0 included.
      if path.utf8.count > 107 { throw invalid("the path is longer than 107 bytes") }
      return .unix(path: path)
    }
    guard text.hasPrefix("fd://") else { return nil }
    let name = String(text.dropFirst("fd://".count))
    if name.isEmpty { throw invalid("there is no number or name after 'fd://'") }
    guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .activated(name: name) }
    guard let descriptor = Int32(name), descriptor >= 3 else {
      throw invalid("0, 1 and 2 are the standard streams, and above 2147483647 there is no descriptor")
    }
    return .descriptor(descriptor)
  }

  /// The address as `--bind` spells it.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .descriptor(let number): "fd://\(number)"
    case .activated(let name): "fd://\(name)"
    case .tcp(let host, let port): HostAndPort.text(host, port)
    }
  }

  /// The address as gunicorn's log spells it.
  var quoted: String {
    switch self {
    case .unix(let path): path
    case .descriptor, .activated: description
    case .tcp(let host, let port): "('\(host)', \(port))"
    }
  }
}
