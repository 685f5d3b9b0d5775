import Glibc

extension Configuration {
  /// Puts the variables that are set for all processes into this one's environment; workers are started with them.
  func setEnvironment() {
    for assignment in self.environment {
      guard let equals = assignment.firstIndex(of: "=") else { continue }
      setenv(String(assignment[..<equals]), String(assignment[assignment.index(after: equals)...]), 1)
    }
  }
}
