import Glibc
import Green

/// One promise, tried in this process: tests run it by its name, in a process that links the redirect as servers do.
struct Case: Sendable {
  let name: String
  let body: @Sendable () throws -> Void

  init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
    self.name = name
    self.body = body
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line) throws {
  if !condition { throw Failure(description: "line \(line): \(what())") }
}

func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String = "", line: Int = #line) throws {
  try expect(value == expected, "\(what) is \(value), not \(expected)", line: line)
}

/// Runs all at once in fibers and waits for them; the first error is thrown.
func together(_ bodies: [() throws -> Void]) throws {
  let fibers = bodies.map { body in Fiber.spawn { try body() } }
  for fiber in fibers { try fiber.value }
}

func together(_ bodies: (() throws -> Void)...) throws { try together(bodies) }

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now
  try body()
  return Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-9
}

/// Runs `body` on a thread of its own and waits for it without parking.
final class PlainThread {
  private var thread = pthread_t()
  private final class Box { let body: () -> Void; init(_ body: @escaping () -> Void) { self.body = body } }

  init(_ body: @escaping () -> Void) {
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(&thread, nil, { Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body(); return nil }, box)
  }

  func join() { pthread_join(thread, nil) }
}

func makePipe() -> (read: CInt, write: CInt) {
  var ends: [CInt] = [0, 0]
  pipe(&ends)
  return (ends[0], ends[1])
}

func makeSocketPair() -> (CInt, CInt) {
  var ends: [CInt] = [0, 0]
  socketpair(AF_UNIX, streamType, 0, &ends)
  return (ends[0], ends[1])
}

// SOCK_STREAM, an enumeration or a number, as the modules that Swift sees it through have it.
let streamType: CInt = 1
