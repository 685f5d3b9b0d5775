import SystemPackage

/// A system call that failed, by name: for the person who can allow it, in a container's profile perhaps.
struct SystemCallError: Error, CustomStringConvertible {
  let call: String
  let reason: Errno

  init(_ call: String, _ reason: Errno) {
    self.call = call
    self.reason = reason
  }

  var description: String { "\(call): \(reason)" }
}
