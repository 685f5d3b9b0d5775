internal import Glibc

/// What a library said when it failed.
public struct ConnectionError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  /// A call of the C library has failed: its name and what `errno` says.
  public init(errnoOf call: String) { description = "\(call): \(String(cString: strerror(errno)))" }

  /// What a C library keeps as the text of its last error.
  public init(_ text: UnsafePointer<CChar>?) { description = text.map { String(cString: $0) } ?? "out of memory" }
}

/// A variable of the environment, or what is used where it is not set.
public func setting(_ name: String, default value: String) -> String {
  getenv(name).map { String(cString: $0) } ?? value
}
