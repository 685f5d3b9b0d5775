internal import Glibc
internal import Green

/// Many fibers asleep at once: what each keeps resident, how long it takes to make them, and whether all wake.
///
/// They sleep until one common deadline, which must come after the moment when the last has fallen asleep.
func measureSleepers(_ count: Int) throws {
  try Hub.run {
    try Fiber.spawn {}.value  // what the first fiber makes for all is not counted
    let before = Memory.now
    let start = Deadline.now
    let waking = start.advanced(by: .seconds(max(3, count / 40_000)))
    var asleep = 0
    var woken = 0
    var last: Fiber<Void>?
    for _ in 0..<count {
      last = Fiber.spawn {
        asleep += 1
        try Fiber.sleep(until: waking)
        woken += 1
      }
    }
    while asleep < count { Fiber.yield() }
    let made = Deadline.now.nanoseconds - start.nanoseconds
    guard woken == 0 else { throw Late(woken: woken) }
    let now = Memory.now
    show("resident_bytes", Double(now.resident - before.resident) / Double(count))
    show("table_bytes", Double(now.tables - before.tables) / Double(count))
    show("mappings", now.mappings - before.mappings)
    show("total_gb", Double(now.resident + now.tables) / 1e9)
    show("create_s", Double(made) * 1e-9)
    try last?.value
    while woken < count && Hub.current!.fiberCount > 1 { Fiber.yield() }
    show("wake_s", Double(Deadline.now.nanoseconds - waking.nanoseconds) * 1e-9)
    show("woken", woken)
  }
}

private struct Late: Error, CustomStringConvertible {
  let woken: Int
  var description: String { "\(woken) fibers woke before the last fell asleep: the machine is too slow for this" }
}
