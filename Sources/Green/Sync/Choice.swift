/// One case of a selection without its types: what is waited for.
@usableFromInline
struct Choice {
  enum Source {
    case receive(ChannelPointer)
    case send(ChannelPointer)
    case object(any Selectable)
    case fiber(AnyFiber)
    case timeout(Duration)
    case deadline(Deadline)
    case otherwise
  }

  let source: Source
  /// Makes the place where an element waits, of a type that only this function knows, and without which there is none;
  /// given one, frees it with the element in it.
  let place: ((UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)?

  @usableFromInline
  init(receivingFrom channel: ChannelPointer, _ place: @escaping (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)
  {
    source = .receive(channel)
    self.place = place
  }

  @usableFromInline
  init(sendingTo channel: ChannelPointer, _ place: @escaping (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) {
    source = .send(channel)
    self.place = place
  }

  init(_ source: Source) {
    self.source = source
    place = nil
  }

  /// How a choice came to be the one.
  @usableFromInline
  enum Outcome {
    /// It was possible at once: for a channel, the first half of the operation is done.
    case atOnce(ChannelStep)
    /// It was answered while it waited: for a channel, with the element's place, or because it was closed.
    case answered(UnsafeMutableRawPointer?, isClosed: Bool)
    /// There was nothing to be done: the time had come, or nothing else was possible.
    case idle
  }
}

/// What a selection can wait for, beside channels and fibers: an object whose list tells all.
protocol Selectable: AnyObject {
  var selectionLock: SyncLock { get }
  var selectionList: UnsafeMutablePointer<WaitList> { get }
  /// Takes what is waited for if it is there, with the lock held.
  func takeSelected() -> Bool
}

extension Choice {
  /// What guards the source; `nil` where only the hub's own thread reaches it.
  var lock: SyncLock? {
    switch source {
    case .receive(let channel), .send(let channel): channel.stateLock
    case .object(let object): object.selectionLock
    default: nil
    }
  }

  /// Does what is possible without waiting, with the lock held. Of an operation on a channel that is the first half.
  func attempt() -> Outcome? {
    switch source {
    case .receive(let channel):
      let step = channel.stepReceive()
      return step.kind == .nothing ? nil : .atOnce(step)
    case .send(let channel):
      let step = channel.stepSend()
      return step.kind == .nothing ? nil : .atOnce(step)
    case .object(let object): return object.takeSelected() ? .idle : nil
    case .fiber(let fiber): return fiber.isFinished ? .idle : nil
    default: return nil
    }
  }

  /// Puts the waiter into the source's list, with the lock held.
  func enqueue(_ waiter: WaiterPointer) {
    waiter.pointee.slot = place?(nil)
    withList { $0.append(waiter) }
  }

  /// Takes the waiter out if it is still there.
  func dequeue(_ waiter: WaiterPointer) {
    lock?.acquire()
    if waiter.pointee.isQueued { withList { $0.remove(waiter) } }
    lock?.release()
  }

  private func withList(_ body: (inout WaitList) -> Void) {
    switch source {
    case .receive(let channel): body(&channel.receivers.pointee)
    case .send(let channel): body(&channel.senders.pointee)
    case .object(let object): body(&object.selectionList.pointee)
    case .fiber(let fiber): body(&fiber.selections.list)
    default: break
    }
  }
}
