internal import Glibc
internal import Green

// One row of the micro benchmarks, by its name: `micro yield 1000000`. Prints what it found as "key value" lines.

let rows: [String: (_ count: Int) throws -> Void] = [
  "yield": measureYield,
  "spawn": measureSpawn,
  "channel": measureChannel(capacity: 0),
  "channel-100": measureChannel(capacity: 100),
  "latch": measureLatch,
  "barrier": measureBarrier,
  "permits": measurePermits,
  "broadcast": measureBroadcast,
  "watch": measureWatch,
  "single-flight": measureSingleFlight,
  "retry": measureRetry,
  "cancel": measureCancel,
  "cancel-grace": measureGrace,
  "hub-spawn": measureRemoteSpawn,
  "hub-channel": measureChannelAcross(capacity: 0),
  "hub-channel-100": measureChannelAcross(capacity: 100),
  "traced": measureTraced,
  "labelled": measureLabelled,
  "stuck": measureStuck,
  "timers": measureTimers,
  "sleepers": measureSleepers,
  "echo": serveEcho,
  "idle": beIdle,
  "names": lookUpNames,
]

let arguments = CommandLine.arguments.dropFirst()
guard let name = arguments.first, let row = rows[name], let count = arguments.dropFirst().first.flatMap({ Int($0) })
else {
  complain("usage: micro ROW COUNT, where ROW is one of \(rows.keys.sorted().joined(separator: ", "))")
  exit(2)
}
do {
  try row(count)
} catch {
  complain("micro \(name): \(error)")
  exit(1)
}
