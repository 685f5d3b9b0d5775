/// A setting with which no server can run. Its description is one sentence for the person who set it.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// A number below what the setting can be.
  case tooSmall(option: String, value: String, least: Int)
  /// A number above what the setting can be.
  case tooLarge(option: String, value: String, most: Int)
  /// A worker class that does not exist.
  case unknownWorkerClass(String)
  /// A log level that does not exist.
  case unknownLogLevel(String)
  /// An address that cannot be listened at, and why.
  case invalidAddress(String, reason: String)
  /// An environment variable that should be a number.
  case invalidVariable(name: String, value: String)
  /// A mode that is no octal number from 0 to 0777.
  case invalidMode(option: String, value: String)
  /// No address to listen at.
  case noAddress

  public var description: String {
    switch self {
    case .tooSmall(let option, let value, let least): "\(option) is \(value), but must be at least \(least)."
    case .tooLarge(let option, let value, let most): "\(option) is \(value), but must be at most \(most)."
    case .unknownWorkerClass(let name): "Unknown worker class '\(name)': use \(WorkerClass.spellings)."
    case .unknownLogLevel(let name):
      "Unknown log level '\(name)': use debug, info, warning, error or critical."
    case .invalidAddress(let text, let reason): "Cannot bind to '\(text)': \(reason)."
    case .invalidVariable(let name, let value): "The environment variable \(name) is '\(value)', not a number."
    case .invalidMode(let option, let value):
      "\(option) is '\(value)', not an octal number with a leading 0, from 0 to 0777."
    case .noAddress: "There is no address to bind to."
    }
  }
}
