internal import Green
internal import GreenHTTP

// How the values of the server's settings are written.

extension SettingForm {
  /// One of some names.
  fileprivate static func named(
    _ spellings: String, find: @escaping @Sendable (String) -> Value?, write: @escaping @Sendable (Value) -> String
  ) -> SettingForm {
    SettingForm(
      spellings,
      read: { name throws(SettingFault) in
        guard let value = find(name) else { throw SettingFault("which is none of \(spellings)") }
        return value
      }, write: write)
  }
}

extension SettingForm where Value == WorkerClass {
  static let workerClass = named(WorkerClass.spellings, find: { WorkerClass(name: $0) }, write: { $0.rawValue })
}

extension SettingForm where Value == BindAddress {
  static let address = SettingForm(
    "HOST:PORT, HOST, :PORT, [IPV6]:PORT or unix:PATH",
    read: { text throws(SettingFault) in
      do throws(ConfigurationError) {
        return try BindAddress(parsing: text)
      } catch {
        throw SettingFault(error.reason)
      }
    }, write: { $0.description })
}

extension SettingForm where Value == Duration {
  /// Seconds up to 31 years, as gunicorn has them, or with a unit.
  static func patience(zero: String) -> SettingForm {
    .duration(from: .milliseconds(1), upTo: .seconds(1_000_000_000), zero: zero)
  }
}

extension SettingForm where Value == UInt32 {
  static let mode = SettingForm(
    "an octal number with a leading 0, from 0 to 0777",
    read: { text throws(SettingFault) in
      guard let mode = FileMode.parse(text) else {
        throw SettingFault("not an octal number with a leading 0, from 0 to 0777")
      }
      return mode
    },
    check: { mode throws(SettingFault) in
      if mode > 0o777 { throw SettingFault("not an octal number with a leading 0, from 0 to 0777") }
    }, write: { "0" + ($0 == 0 ? "" : String($0, radix: 8)) })
}

extension SettingForm where Value == TrustedPeers {
  static let peers = SettingForm(
    "addresses and networks such as 10.0.0.0/8 separated by commas, or * for everybody",
    read: { text throws(SettingFault) in
      guard let peers = TrustedPeers(text) else {
        throw SettingFault(
          "not addresses and networks such as 10.0.0.0/8 separated by commas, or * for everybody; of a network the bits "
            + "after its length are zero")
      }
      return peers
    }, write: { $0.description })
}

extension SettingForm where Value == ProxyProtocol {
  /// Yes and no too, which gunicorn had alone before it knew version 2.
  static let proxyProtocol = SettingForm(
    choice.words,
    parse: { text in ProxyProtocol(rawValue: text) ?? (text == "true" ? .auto : text == "false" ? .off : nil) },
    write: { $0.rawValue })
}

extension SettingForm where Value == FiberIsolation {
  static let isolation = named("shared or thread", find: { FiberIsolation(rawValue: $0) }, write: { $0.rawValue })
}
