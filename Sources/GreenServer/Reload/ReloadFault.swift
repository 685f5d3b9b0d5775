/// Why sources cannot be followed. Its description is for the person.
struct ReloadFault: Error, CustomStringConvertible {
  private let reason: String

  init(_ reason: String) { self.reason = reason }

  var description: String { "--reload: \(reason)" }
}
