import CaseSupport
import Glibc
import Green
import GreenTesting

let testHubCases = [
  Case("the seed of the environment is the one that is run") {
    setenv("GREEN_TEST_SEED", "18446744073709551615", 1)
    try expectEqual(try TestHub.run { TestHub.seed }, .max)
    try expectEqual(try TestHub.run(seed: 3) { TestHub.seed }, 3, "a seed that is given")
    var seeds: [UInt64?] = []
    try TestHub.explore(seeds: 100) { seeds.append(TestHub.seed) }
    try expectEqual(seeds, [.max])
  },
  Case("a seed in the environment that is none is said to be") {
    for text in ["", "abc", "-1", "18446744073709551616", "1.5"] {
      setenv("GREEN_TEST_SEED", text, 1)
      do {
        try TestHub.run {}
        throw Failure(description: "\"\(text)\" was taken")
      } catch TestHubError.seed(let wrong) { try expectEqual(wrong, text) }
    }
  },
  Case("the schedule of a seed", isHidden: true) {
    // Objects lie elsewhere than in the process before.
    let elsewhere = (0..<(getenv("CASE_OBJECTS").flatMap { Int(String(cString: $0)) } ?? 0)).map { _ in Event() }
    try withExtendedLifetime(elsewhere) { print(try TestHub.run(seed: 7) { try ends() }.joined(separator: " ")) }
  },
  Case("the schedule of a seed is the same in every process, wherever objects lie") {
    var schedules: Set<String> = []
    for count in [0, 0, 1, 100, 1000, 10_000] {
      let result = try ChildProcess.run(
        ["/proc/self/exe", "the schedule of a seed"], environment: ["CASE_OBJECTS": "\(count)"],
        until: .after(.seconds(30)))
      try expectEqual(result.status, .exited(0))
      schedules.insert(String(decoding: result.output, as: UTF8.self))
    }
    try expectEqual(schedules.count, 1, "the number of schedules: \(schedules)")
    try expectEqual(schedules.first?.split(separator: " ").filter { $0.hasPrefix("server") }.count, 10, "\(schedules)")
  },
  Case("a deadlock in a process of one hub is seen at once") {
    unsetenv("GREEN_TEST_SEED")
    do {
      try TestHub.run { try Event().wait() }
      throw Failure(description: "nobody set that event")
    } catch is HubError {}
  },
]

/// In which order fibers end that are kept in sets and told to end together.
private func ends() throws -> [String] {
  var order: [String] = []
  func waiting(_ name: String, _ index: Int) -> () throws -> Void {
    return {
      defer { order.append("\(name)\(index)") }
      try Event().wait()
    }
  }
  try? withFiberGroup { group in
    for index in 0..<10 { try group.spawn(waiting("group", index)) }
    Fiber.yield()
    throw CancellationError()
  }
  let pool = FiberPool()
  for index in 0..<10 { try pool.spawn(waiting("pool", index)) }
  Fiber.yield()
  pool.cancelAll()
  try pool.join()
  var handled = 0
  let server = StreamServer(try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)) { _ in
    handled += 1
    try waiting("server", handled)()
  }
  let running = Fiber.spawn { try server.run() }
  let clients = try (0..<10).map { _ in try Socket.connect(to: server.listener.address!) }
  while handled < clients.count { try Fiber.sleep(for: .milliseconds(1)) }
  try server.stop(grace: .zero)
  try running.value
  return order
}
