internal import Glibc
internal import SystemPackage

/// Runs functions on threads of their own: a hub belongs to one thread, and a test runner's are not for it.
package enum OwnThread {
  /// Runs `body` on a new thread and blocks until it has returned.
  package static func run<Result>(_ body: @escaping () throws -> Result) throws -> Result {
    let (thread, work) = try start(body)
    pthread_join(thread, nil)
    return try work.result!.get()
  }

  /// Runs all at once, each on a thread of its own, and waits for them; the first error is thrown.
  package static func runAll(_ bodies: [() throws -> Void]) throws {
    let threads = try bodies.map(start)
    for (thread, _) in threads { pthread_join(thread, nil) }
    for (_, work) in threads { try work.result!.get() }
  }

  private static func start<Result>(_ body: @escaping () throws -> Result) throws -> (pthread_t, Work<Result>) {
    let work = Work(body)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(work as AnyWork)
    let status = pthread_create(
      &thread, nil,
      {
        Unmanaged<AnyWork>.fromOpaque($0!).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      throw Errno(rawValue: status)
    }
    return (thread, work)
  }
}

private class AnyWork {
  func run() {}
}

private final class Work<Value>: AnyWork {
  let body: () throws -> Value
  var result: Result<Value, any Error>?

  init(_ body: @escaping () throws -> Value) { self.body = body }

  override func run() { result = Result { try body() } }
}
