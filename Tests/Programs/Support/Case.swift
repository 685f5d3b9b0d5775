internal import Glibc
internal import Green

/// One promise, tried in this process: tests run it by its name, in a process that links the redirect as servers do.
public struct Case: Sendable {
  public let name: String
  public let body: @Sendable () throws -> Void

  /// Whether it runs only when asked for by name: a case that is to end the process.
  public let isHidden: Bool

  /// Why it is not run, where its subject does not exist.
  public let reasonToSkip: String?

  public init(
    _ name: String, isHidden: Bool = false, skip reasonToSkip: String? = nil,
    _ body: @escaping @Sendable () throws -> Void
  ) {
    self.name = name
    self.isHidden = isHidden
    self.reasonToSkip = reasonToSkip
    self.body = body
  }
}

public struct Failure: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

public func expect(_ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line) throws {
  if !condition { throw Failure(description: "line \(line): \(what())") }
}

public func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String = "", line: Int = #line)
  throws
{
  try expect(value == expected, "\(what) is \(value), not \(expected)", line: line)
}

/// What the fibers of `together` have to themselves: `CASE_ISOLATION=thread` makes them threads to C.
private let isolation = getenv("CASE_ISOLATION").flatMap { FiberIsolation(rawValue: String(cString: $0)) } ?? .shared

/// Whether the fibers of `together` are threads to C.
public var fibersAreThreads: Bool { isolation == .thread && FiberIsolation.refusal == nil }

/// Runs all at once in fibers and waits for them; the first error is thrown.
public func together(_ bodies: [() throws -> Void]) throws {
  let fibers = bodies.map { body in Fiber.spawn(isolation: isolation) { try body() } }
  for fiber in fibers { try fiber.value }
}

public func together(_ bodies: (() throws -> Void)...) throws { try together(bodies) }

public func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now
  try body()
  return Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-9
}

/// Runs `body` on a thread of its own and waits for it without parking.
public final class PlainThread {
  private var thread = pthread_t()
  private final class Box { let body: () -> Void; init(_ body: @escaping () -> Void) { self.body = body } }

  public init(_ body: @escaping () -> Void) {
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let error = pthread_create(
      &thread, nil,
      {
        Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body(); return nil
      }, box)
    precondition(error == 0, "no thread: \(String(cString: strerror(error)))")
  }

  public func join() { pthread_join(thread, nil) }
}

public func makePipe() -> (read: CInt, write: CInt) {
  var ends: [CInt] = [0, 0]
  let result = pipe(&ends)
  precondition(result == 0, "no pipe: \(String(cString: strerror(errno)))")
  return (ends[0], ends[1])
}

public func makeSocketPair() -> (CInt, CInt) {
  var ends: [CInt] = [0, 0]
  let result = socketpair(AF_UNIX, streamType, 0, &ends)
  precondition(result == 0, "no pair of sockets: \(String(cString: strerror(errno)))")
  return (ends[0], ends[1])
}

// SOCK_STREAM, an enumeration or a number, as the modules that Swift sees it through have it.
public let streamType: CInt = 1
