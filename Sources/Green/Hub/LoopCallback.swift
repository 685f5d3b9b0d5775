internal import CFiber
internal import Glibc

/// Code that a hub calls between its fibers, on the thread's own stack: the function of a timer, the callback of a watcher.
///
/// Until it returns none of the hub's fibers goes on. A wait that only one of them could end would last for ever, and the
/// process stand still without a word: so it ends the process with a sentence instead.
enum LoopCallback {
  /// The hub whose callback the calling code is; `nil` in fibers, and on threads without a hub.
  static var hub: HubPointer? {
    guard Hub.running == nil, let root = cfiber_current() else { return nil }
    return root.record.pointee.hub
  }

  /// What the calling code is, as the beginning of a sentence.
  static var caller: String {
    if Hub.running != nil { return "a fiber" }
    return hub != nil ? "a callback of the loop" : "a thread"
  }

  /// To be called by who is about to wait for a lock, for as long as it takes. `holder`: the number of the fiber that
  /// holds it, 0 for a thread; `address`: those who wait for it are served in the order in which they came.
  static func willWait(forLockAt address: UnsafeRawPointer, heldBy holder: UInt64) {
    guard let hub else { return }
    if hub.has(holder) { end(wanting: "a lock that fiber \(holder) of the same hub holds") }
    if ParkingLot.isAwaited(address, in: hub) { end(wanting: "a lock that a fiber of the same hub gets first") }
  }

  /// The same where the lock itself knows whether fibers of the hub hold it, or are to get it first.
  static func willWait(forLock isOfHub: (HubPointer) -> Bool) {
    if let hub, isOfHub(hub) { end(wanting: "a lock that a fiber of the same hub holds or gets first") }
  }

  /// To be called before the thread is blocked for as long as it takes, by what is not a lock: another thread may bring it
  /// about, where there is one.
  @inline(never)
  static func willBlock(for reason: WaitReason) {
    guard let hub, !hub.hasOtherThreads() else { return }
    Report.message(
      "a callback of the loop waits for \(reason.words(in: hub.hub)), which nobody can bring about: there is"
        + " no other thread, and no fiber goes on before the callback returns: wait in a fiber instead")
    abort()
  }

  static func end(wanting lock: String) -> Never {
    Report.message(
      "a callback of the loop asked for \(lock), which cannot go on before the callback returns: do what"
        + " needs the lock in a fiber, or only try to take it")
    abort()
  }
}

extension UnsafeMutablePointer where Pointee == HubState {
  /// Whether one of the hub's fibers has this number.
  fileprivate func has(_ number: UInt64) -> Bool {
    var isFound = false
    if number != 0 { forEachFiber { if $0.pointee.id == number { isFound = true } } }
    return isFound
  }
}
