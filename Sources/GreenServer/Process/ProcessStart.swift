import CProcess
import Glibc
import SystemPackage

/// A process that is to be started as this one was, with its environment and, unless others are said, its arguments.
struct ProcessStart {
  /// The program; `nil` for ``image``.
  var path: String?
  /// The program's file; -1 for the one that runs in this process.
  var image: CInt = -1
  /// What it is started with, its name first; `nil` for what this process was started with.
  var arguments: [String]?
  /// `NAME=value`, in the place of those of the same name.
  var variables: [String] = []
  /// Descriptors that it keeps.
  var inherited: [CInt] = []
  /// What becomes of its standard streams; -1 for this process's own.
  var streams: CInt = -1
  /// Whether it begins where this process began, and goes on when this one ends.
  var outlives = false
  /// Whether it has a session of its own, and no descriptors but those above.
  var isApart = false

  /// Returns when the program runs, with its number. Throws ``SystemCallError``.
  func run() throws(SystemCallError) -> pid_t {
    let (pid, failure) = withCStrings(variables) { variables in
      withCStrings(arguments ?? []) { arguments in
        withCString(path) { path in start(path, arguments, variables) }
      }
    }
    if pid > 0 { return pid }
    let program = path ?? String(cString: image < 0 ? cprocess_image_path() : cprocess_image_file())
    throw SystemCallError("fork and exec of \(program)", Errno(rawValue: failure))
  }
}

extension ProcessStart {
  /// The number of the process, and errno.
  private func start(
    _ path: UnsafePointer<CChar>?, _ arguments: UnsafePointer<UnsafePointer<CChar>?>,
    _ variables: UnsafePointer<UnsafePointer<CChar>?>
  ) -> (pid_t, CInt) {
    inherited.withUnsafeBufferPointer { inherited in
      var start = cprocess_start()
      start.path = path
      start.image = image
      start.arguments = self.arguments == nil ? nil : arguments
      start.variables = variables
      start.inherited = inherited.baseAddress
      start.inherited_count = inherited.count
      start.streams = streams
      start.outlives = outlives ? 1 : 0
      start.is_apart = isApart ? 1 : 0
      return (cprocess_start_again(&start), errno)
    }
  }
}

private func withCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  guard let text else { return body(nil) }
  return text.withCString(body)
}

/// The strings as a list of C, which a null ends.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { UnsafePointer<CChar>(strdup($0)) }
  defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
  return body(copies + [nil])
}
