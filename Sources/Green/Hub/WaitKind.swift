/// What kind of thing a parked fiber waits for.
public enum WaitKind: UInt8, CaseIterable, Sendable {
  /// ``FiberWait/description`` says it in words.
  case nothing, sleep, readable, writable, descriptors, fiber, group, mutex, lock, event, semaphore, condition
  /// ``FiberWait/description`` says it in words.
  case sending, receiving, selection, promise, queue, name, turn, offload, signal, child, fileChange, task, other
  /// A lock, condition or semaphore of the C library.
  case native
  /// ``FiberWait/description`` says it in words.
  case latch, barrier, broadcast, watch
}
