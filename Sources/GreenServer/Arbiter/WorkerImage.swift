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

  /// What a process of this program is started with that loads the application once, and forks the workers, where
  /// ``PythonSettings/preload`` asks for that: it calls
  /// ``PreforkServer/becomeWorker(slot:handshake:scoreboard:listeners:)`` in each. `nil` where there can be none.
  package var forkServer: [String]?

  package init(
    path: String, arguments: [String], environment: [String], descriptors: [Int32] = [], forkServer: [String]? = nil
  ) {
    self.forkServer = forkServer
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.descriptors = descriptors
  }
}
