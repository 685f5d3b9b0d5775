internal import Glibc
public import Green

/// Runs `body` on a thread of its own and waits for it: as the first fiber of a hub there, or plainly.
public func onHub<Result>(stackSize: Int = Hub.defaultStackSize, _ body: @escaping () throws -> Result) throws -> Result
{
  try onThread { try Hub.run(stackSize: stackSize, body) }
}

/// Runs `body` on a thread of its own, without a hub, and waits for it.
public func onThread<Result>(_ body: @escaping () throws -> Result) throws -> Result {
  let (thread, work) = start(body)
  pthread_join(thread, nil)
  return try work.result!.get()
}

/// Runs all at once, each on a thread of its own, and waits for them; the first error is thrown.
public func inParallel(_ bodies: [() throws -> Void]) throws {
  let threads = bodies.map(start)
  for (thread, _) in threads { pthread_join(thread, nil) }
  for (_, work) in threads { try work.result!.get() }
}

private func start<Result>(_ body: @escaping () throws -> Result) -> (pthread_t, Work<Result>) {
  let work = Work(body)
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    {
      Unmanaged<AnyWork>.fromOpaque($0!).takeRetainedValue().run()
      return nil
    }, Unmanaged.passRetained(work as AnyWork).toOpaque())
  precondition(status == 0, "no thread: \(status)")
  return (thread, work)
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

/// How long `body` took, in seconds.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now
  try body()
  return Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-9
}
