public import CLibGreen
internal import Glibc
internal import Green

@c @implementation
public func green_count(_ counters: UnsafeMutablePointer<green_counters>!, _ size: Int) -> CInt {
  guard let hub = Hub.current, counters != nil else { return EINVAL }
  let counted = hub.counters
  var values = green_counters(
    switches: counted.switches, turns: counted.turns, spawned: counted.spawned, alive: UInt64(counted.alive),
    parked: UInt64(counted.parked), descriptors: UInt64(counted.descriptors), timers: UInt64(counted.timers),
    stacks: UInt64(counted.stacksInUse), stacks_most: UInt64(counted.stacksHighWater),
    stack_size: UInt64(counted.stackSize))
  memcpy(counters, &values, Int(min(UInt(bitPattern: size), UInt(MemoryLayout<green_counters>.size))))
  return 0
}

@c @implementation
public func green_dump() -> UnsafeMutablePointer<CChar>! {
  guard let hub = Hub.current else {
    errno = EINVAL
    return nil
  }
  return strdup("\(hub.dump())")
}

@c @implementation
public func green_settings() -> UnsafeMutablePointer<CChar>! { strdup(Settings.table) }
