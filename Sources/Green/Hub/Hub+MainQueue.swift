internal import CGlibc
internal import Glibc

/// libdispatch's main queue. On Linux it is run by whoever runs the program's first thread, and by nobody where that
/// thread runs a hub.
package enum MainQueue {
  /// Readable when the queue has something to run. -1 on another thread than the program's first, and in a program
  /// without libdispatch.
  package static var descriptor: CInt { cglibc_main_queue_descriptor() }

  /// Runs what is in the queue, whose ``descriptor`` was readable.
  package static func run(_ descriptor: CInt) {
    cglibc_main_queue_clear(descriptor)
    cglibc_main_queue_run()
  }
}

extension Hub {
  /// Makes this hub run what is put in `DispatchQueue.main` and `OperationQueue.main`, and the jobs of the main actor where
  /// the Swift runtime's own executor has them. To be called on the program's first thread; workers of a server serve the
  /// queue by themselves, and so does a hub whose fibers await tasks.
  ///
  /// The queue runs in a fiber, one block after the other: one that waits parks, and holds those after it. `RunLoop.main`
  /// and its timers are not served. A hub that serves the queue does not take fibers that all wait for deadlocked.
  ///
  /// - Returns: whether it is served; `false` on another thread, and in a program without libdispatch.
  @discardableResult
  public func serveMainQueue() -> Bool {
    if attached(MainQueueService.self) != nil { return true }
    let descriptor = MainQueue.descriptor
    guard descriptor >= 0 else { return false }
    let service = MainQueueService()
    attach(service)
    loopWatchers.add(
      descriptor, onReadable: { _ in service.run(descriptor) },
      onEnd: { [unowned self] in self.detach(service) })
    return true
  }
}

/// Runs the main queue in a fiber, whenever there is something in it.
private final class MainQueueService: HubExtension {
  private var isRunning = false
  private var isWanted = false

  func run(_ descriptor: CInt) {
    cglibc_main_queue_clear(descriptor)
    isWanted = true
    if isRunning { return }
    isRunning = true
    Fiber.spawn(name: "main queue") {
      while self.isWanted {
        self.isWanted = false
        cglibc_main_queue_run()
      }
      self.isRunning = false
    }
  }
}
