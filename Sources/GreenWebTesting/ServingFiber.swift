internal import Green
internal import GreenTasks

/// Where the server's side of a test runs.
package enum ServingFiber {
  /// Begins work beside the calling code, with its task-locals: in a fiber of its hub, where it has one, else of the process's hub
  /// for tasks.
  ///
  /// - Throws: `Errno` where no thread is to be had for that.
  package static func begin(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
    if Hub.current != nil {
      // The time that the calling code has is not that of a server.
      withShield { _ = Fiber.spawn(name: name) { body() } }
      return
    }
    let executor = try TaskRuntime.home()
    let task = InheritedTask.capture()
    let isTaken = executor.spawn(name: name) {
      if let task { try? task.run(body) } else { body() }
    }
    if !isTaken { throw HubError.ended }
  }
}
