internal import CFiber

extension Hub {
  /// Keeps the extension and tells it of its moments from now on. On the hub's thread, as the other two.
  package func attach(_ one: some HubExtension) {
    extensions.append(one)
    state.countMoments()
  }

  /// Lets go of it. Nothing where it is not attached.
  package func detach(_ one: some HubExtension) {
    extensions.removeAll { $0 === one }
    state.countMoments()
  }

  /// The extension of this class that was attached first.
  package func attached<Extension: HubExtension>(_ kind: Extension.Type) -> Extension? {
    for one in extensions { if let found = one as? Extension { return found } }
    return nil
  }

  func endExtensions() {
    while let last = extensions.popLast() { last.hubEnds(self) }
    state.countMoments()
  }
}

// The way of a switch looks at one thing, whether anybody watches, and comes here when somebody does.
extension UnsafeMutablePointer where Pointee == HubState {
  fileprivate func countMoments() {
    let extensions = hub.extensions
    pointee.moments = extensions.reduce(into: []) { $0.formUnion($1.moments) }
    pointee.watching = extensions.filter { $0.moments.contains(.switches) }
    pointee.isObserved = pointee.choice != nil || !pointee.watching.isEmpty
    LoopStart.setCallbacks(pointee.loop, tellsOfSleep: pointee.moments.contains(.sleeps))
  }

  /// From now on `choice` says who is next.
  func setChoice(_ choice: some ReadyOrder) {
    pointee.choice = choice
    pointee.isObserved = true
    askAtNextSpend()
  }

  /// As ``next()`` while somebody watches or chooses.
  @inline(never)
  func nextObserved() -> FiberPointer {
    let watching = pointee.watching
    let isClaimed = watching.reduce(false) { $1.claimsTurn() || $0 }
    let next = isClaimed ? pointee.root : chooseNext()
    if let from = cfiber_current() {
      for one in watching { one.fiberSwitches(from: FiberHandle(from), to: FiberHandle(next)) }
    }
    // In this order: a signal handler may set it meanwhile.
    pointee.isObserved = false
    if pointee.choice != nil || pointee.watching.contains(where: \.isWatching) { pointee.isObserved = true }
    return next
  }

  private func chooseNext() -> FiberPointer {
    if let choice = pointee.choice { return next(by: choice) }
    let hasEveryoneRun = pointee.batch.isEmpty
    if hasEveryoneRun { swap(&pointee.batch, &pointee.queue) }
    if isLoopsTurn() || hasEveryoneRun && pointee.isTurnDue { return pointee.root }
    guard let fiber = pointee.batch.popFirst() else { return nextInBackground() }
    return resume(fiber)
  }

  private func next(by choice: any ReadyOrder) -> FiberPointer {
    choice.take(&pointee.batch)
    choice.take(&pointee.queue)
    if isLoopsTurn() { return pointee.root }
    guard let fiber = choice.next() else { return nextInBackground() }
    return resume(fiber)
  }

  /// A fiber has become ready.
  @inline(never)
  func observeReady(_ fiber: FiberPointer) { for one in pointee.watching { one.fiberReady(FiberHandle(fiber)) } }

  /// A fiber was made, and has its name.
  @inline(never)
  func observeSpawn(_ fiber: FiberPointer) { for one in pointee.watching { one.fiberSpawned(FiberHandle(fiber)) } }

  @inline(never)
  func tellEnd(_ fiber: FiberPointer) { tell(.fiberEnds) { $0.fiberEnds(FiberHandle(fiber)) } }

  @inline(never)
  func tellStack(_ fiber: FiberPointer) { tell(.stacks) { $0.fiberLeft(FiberHandle(fiber)) } }

  func tell(_ moment: HubMoments, _ body: (any HubExtension) -> Void) {
    for one in hub.extensions where one.moments.contains(moment) { body(one) }
  }
}
