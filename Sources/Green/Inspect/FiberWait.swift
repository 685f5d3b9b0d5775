/// What a parked fiber waits for, as it was at one moment.
public struct FiberWait: Sendable {
  /// What kind of thing it waits for.
  public let kind: WaitKind
  /// The descriptors, where the fiber waits for such.
  public let descriptors: [Int32]
  /// The fiber that is joined, or that holds the lock; 0 where there is none, or it is a plain thread that holds it.
  public let fiber: UInt64
  /// The address of the object: fibers that wait for the same one show the same.
  public let object: UInt
  /// The wait in words.
  public let description: String
  /// How long it has lasted, measured from the loop's turn in which it began.
  public let duration: Duration
  /// When it ends at the latest: by the call's own deadline or that of a scope around it.
  public let deadline: Deadline

  init(of fiber: FiberPointer, in hub: Hub) {
    let record = fiber.record
    let reason = WaitReason(record.pointee.waitKind, record.pointee.waitDetail)
    let subject = reason.subject(in: hub)
    kind = reason.kind
    descriptors = subject.descriptors
    self.fiber = subject.fiber
    object = subject.object
    description = subject.words
    duration = .nanoseconds(max(0, Deadline.now.nanoseconds - record.pointee.parkedAt))
    deadline = Deadline(nanoseconds: record.pointee.deadline)
  }
}

extension FiberWait: CustomStringConvertible {}

extension WaitReason {
  /// What is waited for: "the event 0x7f…".
  func words(in hub: Hub) -> String { subject(in: hub).words }

  fileprivate struct Subject {
    var descriptors: [Int32] = []
    var fiber: UInt64 = 0
    var object: UInt = 0
    var words: String
  }

  fileprivate func subject(in hub: Hub) -> Subject {
    let descriptor = Int32(truncatingIfNeeded: detail)
    switch kind {
    case .nothing, .other: return Subject(words: "something")
    case .sleep: return Subject(words: "a sleep")
    case .readable:
      return Subject(descriptors: [descriptor], words: "a read of \(DescriptorDescription.of(descriptor))")
    case .writable:
      return Subject(descriptors: [descriptor], words: "a write to \(DescriptorDescription.of(descriptor))")
    case .descriptors:
      let list = pollDescriptors
      return Subject(
        descriptors: list, words: "a poll of \(list.map(DescriptorDescription.of).joined(separator: "; "))")
    case .fiber: return joined
    case .mutex: return owned(in: hub)
    case .name: return Subject(words: "the answer for the name \"\(name)\"")
    case .turn: return Subject(words: "its turn at a stream")
    case .offload: return Subject(words: "offloaded work")
    case .signal: return Subject(words: "a signal")
    case .child: return Subject(words: "the end of process \(detail)")
    case .fileChange: return Subject(words: "a change of a file")
    case .task: return Subject(words: "the end of a task")
    case .group: return object("a fiber of its group")
    case .lock: return object("the lock")
    case .event: return object("the event")
    case .semaphore: return object("the semaphore")
    case .condition: return object("the condition")
    case .sending: return object("room in the channel")
    case .receiving: return object("an element of the channel")
    case .selection: return object("one of several in the selection")
    case .promise: return object("the promise")
    case .queue: return object("the queue")
    case .latch: return object("the latch")
    case .barrier: return object("the others at the barrier")
    case .broadcast: return object("an element of the broadcast")
    case .watch: return object("a change of the watched value")
    case .native: return native(in: hub)
    }
  }

  private func object(_ words: String) -> Subject {
    Subject(object: detail, words: detail == 0 ? words : "\(words) 0x\(String(detail, radix: 16))")
  }

  // Unsafe: what is joined, locked or asked for lives as long as the wait, and this is asked on the hub's thread.

  private var joined: Subject {
    guard let pointer = UnsafeRawPointer(bitPattern: detail) else { return Subject(words: "a fiber") }
    let fiber = Unmanaged<AnyFiber>.fromOpaque(pointer).takeUnretainedValue()
    return Subject(fiber: fiber.id, object: detail, words: "the end of \(fiber.label)")
  }

  private func owned(in hub: Hub) -> Subject {
    let owner = MutexPointer(bitPattern: detail)?.holder ?? 0
    var subject = object("the mutex")
    subject.fiber = owner
    subject.words += owner == 0 ? ", which a thread holds" : ", which \(hub.label(ofFiber: owner)) holds"
    return subject
  }

  private func native(in hub: Hub) -> Subject {
    guard let object = UnsafePointer<NativeObject>(bitPattern: detail)?.pointee else { return Subject(words: "a lock") }
    let address = UInt(bitPattern: object.address)
    let holders = object.holders
    var words = "\(String(cString: object.name)) 0x\(String(address, radix: 16))"
    switch holders.count {
    case 0: break
    case 1: words += ", which \(hub.label(ofFiber: holders[0])) holds"
    default: words += ", which \(holders.count) fibers hold, \(hub.label(ofFiber: holders[0])) among them"
    }
    return Subject(fiber: holders.first ?? 0, object: address, words: words)
  }

  private var name: String {
    guard let pointer = UnsafeRawPointer(bitPattern: detail) else { return "" }
    let object = Unmanaged<AnyObject>.fromOpaque(pointer).takeUnretainedValue()
    return (object as? any WaitSubject)?.waitSubject ?? ""
  }
}

extension AnyFiber {
  /// `fiber 7 "name"`.
  var label: String { name.isEmpty ? "fiber \(id)" : "fiber \(id) \"\(name)\"" }
}

extension Hub {
  /// `fiber 7 "name"`, without the name where it is a fiber of another hub.
  func label(ofFiber id: UInt64) -> String {
    var label = "fiber \(id)"
    state.forEachFiber { fiber in
      if fiber.pointee.id == id, let object = fiber.record.pointee.object { label = object.takeUnretainedValue().label }
    }
    return label
  }
}
