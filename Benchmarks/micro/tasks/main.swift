internal import Dispatch
internal import Glibc
internal import Green
internal import GreenTasks

// Swift's tasks on a hub and, for comparison, on the Swift runtime's own executors: `tasks ROW COUNT [stock]`. Prints
// "key value" lines.

/// Two tasks that call one actor each in turn with the other's: each call is a hop there and one back.
actor Counter {
  private(set) var count = 0
  func bump() { count += 1 }
}

@Sendable func hop(_ count: Int) async {
  let counters = [Counter(), Counter()]
  await withTaskGroup(of: Void.self) { group in
    for task in 0..<2 {
      group.addTask { for number in 0..<count / 2 { await counters[(number + task) % 2].bump() } }
    }
  }
  let total = await counters[0].count + counters[1].count
  precondition(total == count / 2 * 2)
}

@Sendable func sleepAtOnce(_ count: Int) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for _ in 0..<count { group.addTask { try await Task.sleep(for: .milliseconds(500)) } }
    try await group.waitForAll()
  }
}

@inline(never) func ready() async -> Int { 1 }

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now.nanoseconds
  try body()
  return Double(Deadline.now.nanoseconds - start) / 1e9
}

func threads() -> Int {
  var buffer = [UInt8](repeating: 0, count: 8192)
  let file = open("/proc/self/status", O_RDONLY)
  let length = max(0, read(file, &buffer, buffer.count))
  close(file)
  let lines = String(decoding: buffer[..<length], as: UTF8.self).split(separator: "\n")
  return lines.first { $0.hasPrefix("Threads:") }.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0
}

/// Runs a task and waits for it: in a fiber of a hub that runs all tasks, or on a plain thread beside the runtime's own.
func finish(_ body: @escaping @Sendable () async throws -> Void, onHub: Bool) throws {
  if onHub { return try Fiber.await(body) }
  let end = DispatchSemaphore(value: 0)
  nonisolated(unsafe) var failure: (any Error)?
  Task.detached {
    do { try await body() } catch { failure = error }
    end.signal()
  }
  end.wait()
  if let failure { throw failure }
}

func measure(_ row: String, _ count: Int, onHub: Bool) throws {
  switch row {
  case "hop":
    try finish({ await hop(10000) }, onHub: onHub)
    print("ns", try seconds { try finish({ await hop(count) }, onHub: onHub) } * 1e9 / Double(count))
  case "sleep":
    print("s", try seconds { try finish({ try await sleepAtOnce(count) }, onHub: onHub) })
    print("threads", threads())
  case "ready":
    var total = 0
    let time = try seconds { for _ in 0..<count { total += try Fiber.await { await ready() } } }
    precondition(total == count)
    print("ns", time * 1e9 / Double(count))
  default:
    print("usage: tasks hop|sleep|ready COUNT [stock]")
    exit(2)
  }
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 2, let count = Int(arguments[2]) else {
  print("usage: tasks hop|sleep|ready COUNT [stock]")
  exit(2)
}
if arguments.last == "stock" {
  try measure(arguments[1], count, onHub: false)
} else {
  guard TaskRuntime.install() == .process else { fatalError("the executors cannot be replaced") }
  let row = arguments[1]
  try Hub.run { try measure(row, count, onHub: true) }
}
