internal import CFiber
internal import CInspect
internal import Glibc

/// Tells debuggers where the hubs and fibers of this process lie: `Scripts/gdb/greenfinch.py` lists and enters them.
final class Debugger: HubExtension {
  init(_ hub: Hub) { Self.add(hub.state) }

  func hubForked(_ hub: Hub) { Self.add(hub.state) }

  /// One that is abandoned stays in memory, with its fibers.
  func hubEnds(_ hub: Hub) { if !hub.state.pointee.isAbandoned { cinspect_debugger_remove(hub.state) } }

  /// Unsafe: made once, and never freed.
  private nonisolated(unsafe) static let states = strdup("ready running parked finished")!
  private nonisolated(unsafe) static let waitKinds = strdup(
    WaitKind.allCases.map { "\($0)" }.joined(separator: " "))!

  private static func add(_ hub: HubPointer) {
    var layout = cinspect_layout()
    layout.fiber_id = UInt32(MemoryLayout<cfiber_fiber>.offset(of: \.id)!)
    layout.fiber_name = UInt32(MemoryLayout<cfiber_fiber>.offset(of: \.name)!)
    layout.fiber_record = UInt32(UnsafeRawPointer(hub.pointee.root.record) - UnsafeRawPointer(hub.pointee.root))
    layout.record_next = offset(\FiberRecord.alive.next)
    layout.record_state = offset(\FiberRecord.state)
    layout.record_wait_kind = offset(\FiberRecord.waitKind)
    layout.record_wait_detail = offset(\FiberRecord.waitDetail)
    layout.record_parent = offset(\FiberRecord.parent)
    layout.record_site = offset(\FiberRecord.site)
    layout.hub_first = offset(\HubState.fibers.first)
    layout.states = UnsafePointer(states)
    layout.wait_kinds = UnsafePointer(waitKinds)
    cinspect_debugger_add(hub, &layout)
  }

  private static func offset<Whole, Part>(_ path: KeyPath<Whole, Part>) -> UInt32 {
    UInt32(MemoryLayout<Whole>.offset(of: path)!)
  }
}
