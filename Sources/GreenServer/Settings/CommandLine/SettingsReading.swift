import Green

/// How this process has read its settings, to read them again.
struct SettingsReading: Sendable {
  typealias Read = @Sendable () throws(CommandLineStop) -> Configuration

  /// Reads anew what was read, the file of settings above all.
  let read: Read
  /// What was read at first. The program may have set something since.
  let first: Configuration

  private static let latest = Mutex<SettingsReading?>(nil)

  /// The latest; `nil` where the program has not asked for it.
  static var current: SettingsReading? { latest.withLock { $0 } }

  /// Reads for the first time.
  static func begin(_ read: @escaping Read) throws(CommandLineStop) -> Configuration {
    let first = try read()
    latest.withLock { $0 = SettingsReading(read: read, first: first) }
    return first
  }
}
