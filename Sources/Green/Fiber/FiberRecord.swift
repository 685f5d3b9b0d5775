internal import CFiber
internal import CLibEv

typealias FiberPointer = UnsafeMutablePointer<green_fiber>

/// Why a parked fiber runs again.
package enum Wake: UInt8 {
  /// What it waited for has happened, or may have: look again.
  case ready
  /// Its deadline passed first.
  case deadline
  /// Another fiber called it off: the descriptor was closed, or the wait was cancelled.
  case called
}

enum FiberState: UInt8 {
  case ready, running, parked, finished
}

/// What the hub keeps for each fiber, in the room that CFiber leaves for it beside the fiber's stack.
///
/// Unsafe: the record is raw memory, reached by pointer, so that switching neither counts references nor checks
/// exclusive access. It is sound because only the hub's own thread touches it, and because nobody holds a fiber's
/// pointer after the fiber has finished: wait queues hold it only while the fiber is parked in them.
struct FiberRecord {
  /// The next in the ready queue.
  var next: FiberPointer?
  /// The list of all fibers of the hub.
  var previousAlive: FiberPointer?
  var nextAlive: FiberPointer?
  var hub: Unmanaged<Hub>
  /// The Swift object that is the fiber; retained until it has finished.
  var object: Unmanaged<AnyFiber>?
  /// When the present park ends at the latest; `Int64.max` for never.
  var deadline: Int64
  /// When the timer fires; `Int64.max` when it is not active. It may lie before or after `deadline`, see `arm`.
  var timerTarget: Int64
  var timer: ev_timer
  var state: FiberState
  var wake: Wake
}

extension UnsafeMutablePointer where Pointee == green_fiber {
  @inline(__always)
  var record: UnsafeMutablePointer<FiberRecord> {
    green_fiber_record(self).assumingMemoryBound(to: FiberRecord.self)
  }

  func makeRecord(hub: Hub, object: AnyFiber?) {
    assert(MemoryLayout<FiberRecord>.size <= Int(GREEN_FIBER_RECORD_BYTES))
    green_fiber_record(self).bindMemory(to: FiberRecord.self, capacity: 1).initialize(
      to: FiberRecord(
        next: nil, previousAlive: nil, nextAlive: nil, hub: .passUnretained(hub),
        object: object.map { .passRetained($0) }, deadline: .max, timerTarget: .max, timer: ev_timer(),
        state: .running, wake: .ready))
  }

  func setName(_ name: String) {
    var name = name
    name.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { green_fiber_set_name(self, $0.baseAddress, $0.count) }
    }
  }
}
