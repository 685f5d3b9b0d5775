internal import CGlibc
internal import CLibEv
internal import Glibc
internal import SystemPackage

extension UnsafeMutablePointer where Pointee == HubState {
  /// Parks the fiber until the descriptor may be ready, is closed, or the deadline passes. `reason`: what a dump says of
  /// the wait, where that is not the descriptor itself.
  @inline(__always)
  func wait(
    _ fiber: FiberPointer, for descriptor: CInt, _ event: CInt, until deadline: Deadline, told reason: WaitReason? = nil
  ) -> Wake {
    let table = pointee.descriptorTable
    guard table._withUnsafeGuaranteedRef({ $0.reaches(descriptor) }) else { return .called }
    var wait = DescriptorWait(fiber)
    // Unsafe: the queue holds a pointer into this frame, which stands still until the fiber goes on here.
    return withUnsafeMutablePointer(to: &wait) { wait in
      table._withUnsafeGuaranteedRef { $0.add(wait, descriptor, event) }
      if pointee.alive > HubState.fibersInCache { prefetchAhead() }
      let kind = event == CInt(EV_READ) ? WaitReason.Kind.readable : .writable
      let wake = parkOutside(fiber, until: deadline, for: reason ?? WaitReason(kind, descriptor: descriptor))
      if wait.pointee.doubt != .none { return settle(wait.pointee.doubt, fiber, descriptor, event, until: deadline) }
      if wait.pointee.isDone { return wake == .called ? .called : .ready }
      table._withUnsafeGuaranteedRef { $0.remove(wait, descriptor, event) }
      return wake
    }
  }

  @inline(never)
  private func settle(
    _ doubt: DescriptorDoubt, _ fiber: FiberPointer, _ descriptor: CInt, _ event: CInt, until deadline: Deadline
  ) -> Wake {
    if doubt == .refused { return waitUnwatched(fiber, for: descriptor, event, until: deadline) }
    return fcntl(descriptor, F_GETFD) < 0 ? .called : .ready
  }

  /// As ``wait(_:for:_:until:)`` where the kernel will not watch the descriptor: the caller tries again after a pause,
  /// neither at once, which would keep the thread busy, nor never.
  @inline(never)
  private func waitUnwatched(_ fiber: FiberPointer, for descriptor: CInt, _ event: CInt, until deadline: Deadline)
    -> Wake
  {
    var wait = DescriptorWait(fiber)
    return withUnsafeMutablePointer(to: &wait) { wait in
      table.addUnwatched(wait, descriptor, event)
      let kind = event == CInt(EV_READ) ? WaitReason.Kind.readable : .writable
      let wake = parkOutside(
        fiber, until: min(deadline, Self.afterUnwatchedPause), for: WaitReason(kind, descriptor: descriptor))
      if wait.pointee.isDone { return wake == .called ? .called : .ready }
      table.remove(wait, descriptor, event)
      return wake == .deadline && !deadline.hasPassed ? .ready : wake
    }
  }

  private static var afterUnwatchedPause: Deadline { .after(.milliseconds(10)) }

  /// Parks the fiber until one of several descriptors may be ready. `answered` is told which of them are, by their place
  /// in the list, and for which event of libev's.
  func wait(
    for descriptors: UnsafeBufferPointer<pollfd>, until deadline: Deadline, answered: (Int, CInt) -> Void = { _, _ in }
  ) -> Wake {
    guard let (_, fiber) = Hub.running else { return .called }
    guard descriptors.allSatisfy({ $0.fd < 0 || table.reaches($0.fd) }) else { return .called }
    return withUnsafeTemporaryAllocation(of: DescriptorWait.self, capacity: 2 * descriptors.count) { waits in
      waits.initialize(repeating: DescriptorWait(fiber))
      forEachDirection(descriptors, waits) { self.table.add($1, descriptors[$0].fd, $2) }
      let reason = WaitReason(for: descriptors)
      let wake = parkOutside(fiber, until: deadline, for: reason)
      var (isAnswered, isRefused) = (false, false)
      forEachDirection(descriptors, waits) { index, wait, event in
        isRefused = isRefused || wait.pointee.doubt == .refused
        guard wait.pointee.isDone else { return self.table.remove(wait, descriptors[index].fd, event) }
        isAnswered = true
        answered(index, event)
      }
      if isRefused {
        let wake = parkOutside(fiber, until: min(deadline, Self.afterUnwatchedPause), for: reason)
        return wake == .deadline && !deadline.hasPassed ? .ready : wake
      }
      return isAnswered && wake != .called ? .ready : wake
    }
  }

  /// As ``park(_:until:for:)``, for what something outside the hub brings about: the kernel, or another thread.
  @inline(__always)
  func parkOutside(_ fiber: FiberPointer, until deadline: Deadline, for reason: WaitReason) -> Wake {
    pointee.externalWaits += 1
    let wake = park(fiber, until: deadline, for: reason)
    pointee.externalWaits -= 1
    return wake
  }

  private func forEachDirection(
    _ descriptors: UnsafeBufferPointer<pollfd>, _ waits: UnsafeMutableBufferPointer<DescriptorWait>,
    _ body: (Int, UnsafeMutablePointer<DescriptorWait>, CInt) -> Void
  ) {
    let (readable, writable) = (cglibc_poll_readable(), cglibc_poll_writable())
    for (index, descriptor) in descriptors.enumerated() where descriptor.fd >= 0 {
      let base = waits.baseAddress! + 2 * index
      // A hang-up or an error is reported whatever was asked for; the loop reports it as readable.
      if descriptor.events & readable != 0 || descriptor.events & writable == 0 {
        body(index, base, CInt(EV_READ))
      }
      if descriptor.events & writable != 0 { body(index, base + 1, CInt(EV_WRITE)) }
    }
  }
}

extension WaitReason {
  /// Several descriptors. The list stands still while they are waited for; beside its address there is room for how
  /// many they are, since addresses have 48 bits.
  init(for descriptors: UnsafeBufferPointer<pollfd>) {
    let count = UInt(min(descriptors.count, 0xffff))
    self.init(.descriptors, UInt(bitPattern: descriptors.baseAddress) | count << 48)
  }

  /// What ``init(for:)`` was given.
  var pollDescriptors: [Int32] {
    let address = UnsafePointer<pollfd>(bitPattern: detail & (1 << 48 - 1))
    return UnsafeBufferPointer(start: address, count: address == nil ? 0 : Int(detail >> 48)).map(\.fd)
  }
}
