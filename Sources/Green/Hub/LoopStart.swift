internal import CGlibc
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// Making a libev loop where descriptors, memory or watches may be short. libev itself ends the process where it cannot
/// have the two descriptors that it needs, and is deaf to other threads where the kernel refuses to watch one of them.
enum LoopStart {
  /// A loop that can be woken by other threads.
  ///
  /// - Throws: `Errno.tooManyOpenFiles` and the like; ``HubError/refused`` where the kernel watches nothing more.
  static func make() throws -> OpaquePointer {
    Self.libevIsPrepared
    try checkDescriptors()
    guard let loop = ev_loop_new(wanted | UInt32(EVFLAG_NOENV)) ?? makeOther() else {
      throw Errno(rawValue: errno == 0 ? ENOMEM : errno)
    }
    guard watchesItself(loop) else {
      destroyRefused(loop)
      throw HubError.refused
    }
    setCallbacks(loop, tellsOfSleep: false)
    return loop
  }

  /// Once in the process.
  private static let libevIsPrepared: Void = cev_prepare()

  private static var wanted: UInt32 {
    switch Settings.backend.value {
    case .epoll: UInt32(EVBACKEND_EPOLL)
    case .poll: UInt32(EVBACKEND_POLL)
    case .select: UInt32(EVBACKEND_SELECT)
    case .kqueue: UInt32(EVBACKEND_KQUEUE)
    }
  }

  /// A loop on what libev thinks best, where the wanted one is not to be had.
  private static func makeOther() -> OpaquePointer? {
    guard let loop = ev_loop_new(UInt32(EVFLAG_AUTO) | UInt32(EVFLAG_NOENV)) else { return nil }
    Report.message(
      "\(Settings.backend.name) is \(Settings.backend.value), which this kernel or this libev does not have;"
        + " another is used")
    return loop
  }

  /// What the loop calls just before and just after its waits.
  static func setCallbacks(_ loop: OpaquePointer, tellsOfSleep: Bool) {
    guard tellsOfSleep else { return ev_set_loop_release_cb(loop, { LoopStart.willWait($0) }, nil) }
    ev_set_loop_release_cb(
      loop,
      { loop in
        LoopStart.willWait(loop)
        Hub.current?.state.tell(.sleeps) { $0.loopSleeps() }
      }, { _ in Hub.current?.state.tell(.sleeps) { $0.loopWakes() } })
  }

  /// libev gives up on a descriptor that the kernel refuses as it goes to sleep, and would tell only after it has woken.
  private static func willWait(_ loop: OpaquePointer?) {
    if ev_pending_count(loop) > 0 { Hub.current?.remoteWakes.wakeLoop() }
  }

  /// Has the loop open the descriptor by which it is woken, and asks the kernel to watch it, which is not done before the
  /// loop's first turn. What is pending as it goes to sleep can only be that this was refused.
  private static func watchesItself(_ loop: OpaquePointer?) -> Bool {
    var wake = ev_async()
    var isRefused = false
    cev_async_init(&wake) { _, _, _ in }
    withUnsafeMutablePointer(to: &isRefused) { isRefused in
      withUnsafeMutablePointer(to: &wake) { wake in
        ev_set_userdata(loop, isRefused)
        ev_set_loop_release_cb(
          loop, { if ev_pending_count($0) > 0 { ev_userdata($0).assumingMemoryBound(to: Bool.self).pointee = true } },
          nil)
        ev_async_start(loop, wake)
        ev_run(loop, CInt(EVRUN_NOWAIT))
        ev_async_stop(loop, wake)
        ev_set_userdata(loop, nil)
      }
    }
    return !isRefused
  }

  private static func checkDescriptors() throws {
    let two = try twoDescriptors { cglibc_pipe($0) }
    Glibc.close(two.0)
    Glibc.close(two.1)
  }

  /// libev closes the descriptor by which a loop is woken only where it is watched: it is, until the next turn, when
  /// libev is asked for it again.
  private static func destroyRefused(_ loop: OpaquePointer?) {
    if (try? checkDescriptors()) != nil {
      var wake = ev_async()
      cev_async_init(&wake) { _, _, _ in }
      withUnsafeMutablePointer(to: &wake) {
        ev_async_start(loop, $0)
        ev_async_stop(loop, $0)
      }
    }
    ev_loop_destroy(loop)
  }
}
