internal import Glibc
internal import Green

/// Prints one figure as the harness reads it.
func show(_ key: String, _ value: some CustomStringConvertible) {
  print(key, value)
  fflush(nil)
}

/// Prints a line to the standard error.
func complain(_ text: String) {
  var line = text + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// How many nanoseconds each of `count` took.
func nanosecondsEach(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now.nanoseconds
  try body()
  return Double(Deadline.now.nanoseconds - start) / Double(count)
}
