/// A program that workers run in the place of the master's own. It finds what a worker inherits as the master's own program
/// does, in libgreenfinch, and calls ``PreforkServer/work(_:configuration:onWorkerStart:onWorkerStop:)``.
package struct WorkerImage: Sendable {
  /// The program's file.
  package var path: String
  /// What it is started with, its name first.
  package var arguments: [String]
  /// `NAME=VALUE`: what its environment has more than the master's.
  package var environment: [String]
  /// The master's descriptors that it keeps, by the same numbers.
  package var descriptors: [Int32]

  package init(path: String, arguments: [String], environment: [String], descriptors: [Int32] = []) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.descriptors = descriptors
  }
}
