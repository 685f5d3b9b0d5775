internal import CInspect
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// Reports fibers that keep the thread to themselves: the hub's side, which tells what the signal handler has found.
final class Watchdog: HubExtension {
  /// CInspect's half of it.
  private var started: OpaquePointer?
  private let root: FiberPointer
  private let limit: Duration
  private let report: (BlockingReport) -> Void
  /// When a place was last reported, and how often it was found since.
  private var places: [FiberBacktrace: (time: Int64, suppressed: Int)] = [:]
  private static let pause: Int64 = 1_000_000_000
  private static let mostPlaces = 256

  init(_ hub: HubPointer, limit: Duration, report: @escaping (BlockingReport) -> Void) throws {
    root = hub.pointee.root
    self.limit = limit
    self.report = report
    var watched = cinspect_watched()
    // Unsafe: the state does not move, and outlives the watchdog.
    let state = UnsafeMutableRawPointer(hub)
    func field<Value>(_ path: KeyPath<HubState, Value>) -> UnsafeMutablePointer<Value> {
      (state + MemoryLayout<HubState>.offset(of: path)!).assumingMemoryBound(to: Value.self)
    }
    watched.switches = UnsafePointer(field(\.switches))
    watched.switches_at_turn = UnsafePointer(field(\.switchesAtTurn))
    watched.turn_time = UnsafePointer(field(\.turnTime))
    watched.virtual_now = UnsafePointer(field(\.virtualNow))
    watched.observed = UnsafeMutableRawPointer(field(\.isObserved)).assumingMemoryBound(to: UInt8.self)
    watched.parent_offset = MemoryLayout<FiberRecord>.offset(of: \.parent)!
    watched.site_offset = MemoryLayout<FiberRecord>.offset(of: \.site)!
    let started = cinspect_watchdog_start(
      limit.wholeNanoseconds, &watched,
      { context, sample in Unmanaged<Watchdog>.fromOpaque(context!).takeUnretainedValue().tell(sample!.pointee) },
      Unmanaged.passUnretained(self).toOpaque())
    guard let started else { throw Errno(rawValue: errno) }
    self.started = started
  }

  var moments: HubMoments { [.switches, .sleeps] }

  /// A fiber that the watchdog has noticed gives the thread back: the loop is to tell of it.
  func claimsTurn() -> Bool { cinspect_watchdog_switched(started) != 0 }
  func fiberSwitches(from: FiberHandle, to: FiberHandle) {
    if to.pointer != root { cinspect_watchdog_resumes(started) }
  }
  /// Where it is not, its signal handler sets the hub's `isObserved` once it is.
  var isWatching: Bool { cinspect_watchdog_is_interested(started) != 0 }

  func loopSleeps() { cinspect_watchdog_release() }
  func loopWakes() { cinspect_watchdog_acquire() }

  func hubForked(_ hub: Hub) { cinspect_watchdog_restart(started) }
  func hubEnds(_ hub: Hub) { stop() }

  func stop() {
    if let started { cinspect_watchdog_stop(started) }
    started = nil
  }

  private func tell(_ sample: cinspect_sample) {
    let addresses = withUnsafeBytes(of: sample.addresses) {
      Array($0.bindMemory(to: UInt.self).prefix(sample.count))
    }
    // Where it was called from is the place: code that computes is found at another instruction each time.
    let place = FiberBacktrace(addresses: addresses.count > 1 ? Array(addresses.dropFirst()) : addresses)
    let now = Deadline.realNow.nanoseconds
    if let last = places[place], now - last.time < Self.pause {
      places[place]!.suppressed += 1
      return
    }
    let suppressed = places[place]?.suppressed ?? 0
    if places.count >= Self.mostPlaces { places = [:] }
    places[place] = (now, 0)
    report(
      BlockingReport(
        sample, limit: limit, backtrace: FiberBacktrace(addresses: addresses), suppressed: suppressed))
  }
}

extension Hub {
  /// Reports fibers that keep the thread to themselves for longer than `limit`, so that no other fiber runs and nothing
  /// that happened is noticed. Zero ends it. To be called on the hub's thread.
  ///
  /// Debug builds begin with a limit of 100 ms; ``Settings/maxBlockingTime`` says otherwise. A fiber is certain to be
  /// noticed after twice the limit. Each place is reported once a second at most.
  ///
  /// How it works: while the hub does not come round, a POSIX timer sends its thread a `SIGURG`, whose handler looks.
  /// Nothing is sent to a hub that comes round in time, and an idle one is left alone. The interrupted code goes on;
  /// system calls that the kernel restarts are restarted. Those that it never does, sleeps and polls, return `EINTR`
  /// then: `signal(7)`.
  ///
  /// - Parameters:
  ///   - limit: how long a fiber may keep the thread; zero ends the reports.
  ///   - report: called when the fiber has given the thread back, in the hub, outside any fiber: it must not park. The
  ///     default writes the report to standard error. A fiber that never gives the thread back is reported there by the
  ///     handler after ten times the limit.
  /// - Throws: `Errno` where there is no timer to be had.
  public func watchdog(limit: Duration, report: ((BlockingReport) -> Void)? = nil) throws {
    if let present = attached(Watchdog.self) {
      detach(present)
      present.stop()
    }
    guard limit > .zero else { return }
    attach(try Watchdog(state, limit: limit, report: report ?? { Report.message("\($0)") }))
  }

  /// As the settings say. Without a timer the hub does without, and says so.
  func startWatchdog() {
    let limit = Settings.maxBlockingTime.value
    guard limit > .zero else { return }
    do {
      try watchdog(limit: limit)
    } catch {
      Report.message("fibers that keep the thread will not be reported, since no timer can be had: \(error)")
    }
  }
}
