/// A program that workers run in the place of the master's own. It finds what a worker inherits as the master's own program
/// does, in libgreenfinch, and calls ``PreforkServer/work(_:configuration:onWorkerStart:onWorkerStop:)``.
package struct WorkerImage: Sendable {
  /// The program's file.
  package var path: String
  /// What it is started with, its name first.
  package var arguments: [String]
  /// `NAME=VALUE`: what its environment has more than the master's.
  package var environment: [String]

  package init(path: String, arguments: [String], environment: [String]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }
}
