import Glibc

// How many workers there are.
extension WorkerLifecycle {
  /// Sees to it that there are as many workers of the current generation as are wanted: those that could not start are the
  /// first to go, then the oldest.
  mutating func populate(at now: Int64) {
    let members = workers.indices.filter { isMember(workers[$0]) }
    if members.count < wanted {
      for _ in members.count..<wanted { addWorker(at: now) }
    } else {
      let failed = members.filter { workers[$0].state == .absent(spawnAt: nil) }
      let first = failed + members.filter { workers[$0].state != .absent(spawnAt: nil) }
      for index in first.prefix(members.count - wanted).sorted(by: >) { retire(index, at: now) }
    }
  }

  /// Whether a worker is one of those that are wanted: nobody is to come in its place.
  func isMember(_ worker: WorkerRecord) -> Bool {
    worker.generation == generation && !worker.isLeaving && !worker.isOutgoing
  }

  /// A record for a worker that is to be spawned at once, in the first free slot.
  private mutating func addWorker(at now: Int64) {
    let used = Set(workers.map(\.slot))
    guard let slot = (0...used.count).first(where: { !used.contains($0) }), slot < mostSlots else { return }
    workers.append(
      WorkerRecord(slot: slot, generation: generation, limits: limits, age: ages, state: .absent(spawnAt: now)))
    ages += 1
  }

  /// Lets a worker finish what it does, and nobody come after it.
  mutating func retire(_ index: Int, at now: Int64) {
    workers[index].isLeaving = true
    switch workers[index].state {
    case .absent: workers.remove(at: index)
    case .starting(let pid), .ready(let pid):
      // One that does not serve has nothing to finish.
      let time = workers[index].limits.killTime
      let limit = workers[index].readySince == nil ? min(time, Self.quickLimit) : time
      workers[index].state = .leaving(pid, killAt: now + limit)
      actions.append(.kill(pid: pid, signal: SIGTERM))
    // It will be told to leave when it exists, or is about to end anyway.
    case .spawning, .leaving, .aborted, .killed: break
    }
  }
}
