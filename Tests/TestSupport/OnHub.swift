public import CaseSupport
internal import Glibc
public import Green
internal import GreenTesting

/// What the tests are built with.
public typealias Sanitizer = CaseSupport.Sanitizer

/// Runs `body` on a thread of its own and waits for it: as the first fiber of a hub there, or plainly.
public func onHub<Result>(stackSize: Int = Hub.defaultStackSize, _ body: @escaping () throws -> Result) throws -> Result
{
  try onThread { try Hub.run(stackSize: stackSize, body) }
}

/// As ``onHub(stackSize:_:)`` with virtual time: what waits for time does so in the right order, and at once.
///
/// - Parameter patience: how long, in real time, a descriptor that somebody waits for may take before virtual time moves
///   on. A pair of sockets needs none; on a connection of TCP the kernel may be a while with what was sent.
public func onVirtualHub<Result>(
  patience: Duration = .milliseconds(1), _ body: @escaping () throws -> Result
) throws -> Result {
  try TestHub.run(order: .firstComeFirstServed, patience: patience, body)
}

/// Runs `body` on a hub with virtual time again and again, with another choice of who is next each time: for what is
/// promised whatever the schedule. An error that it throws names the seed that replays it.
public func onEverySchedule(_ body: @escaping () throws -> Void) throws { try TestHub.explore(seeds: 20, body) }

/// Runs `body` on a thread of its own, without a hub, and waits for it.
public func onThread<Result>(_ body: @escaping () throws -> Result) throws -> Result { try OwnThread.run(body) }

/// Runs all at once, each on a thread of its own, and waits for them; the first error is thrown.
public func inParallel(_ bodies: [() throws -> Void]) throws { try OwnThread.runAll(bodies) }

/// How long `body` took, in seconds; of virtual time on a hub that has it.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now
  try body()
  return Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-9
}

/// How much of the processor `body` took on the calling thread, in seconds: whatever else the machine does.
public func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  let start = now()
  try body()
  return now() - start
}
