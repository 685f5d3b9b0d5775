/// An exception that a Python application has not caught: its traceback, as the error log has it.
struct PythonFailure: Error, CustomStringConvertible {
  let description: String
}
