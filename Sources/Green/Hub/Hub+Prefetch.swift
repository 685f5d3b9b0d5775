internal import CFiber

extension UnsafeMutablePointer where Pointee == HubState {
  /// Has the memory fetched that the next fibers use. To be called by one that is about to park.
  ///
  /// The next one's control block and stack were fetched when the fiber before this one parked, so that they can be looked
  /// at now; what it has on the heap comes while it begins.
  @inline(never)
  func prefetchAhead() {
    guard let next = pointee.batch.head else { return }
    if let ahead = next.record.pointee.next { cfiber_prefetch(ahead) }
    withUnsafePointer(to: &next.record.pointee.workingSet) { cfiber_working_set_prefetch($0) }
  }
}

extension Fiber where Success == Never {
  /// Memory that the calling fiber uses each time that it goes on, for as long as it lives: where it is one of very many,
  /// that is fetched into the processor's cache just before. A few pieces, of some hundred bytes each; they may be freed
  /// at any time. Nothing outside fibers.
  package static func uses(_ memory: UnsafeRawPointer, byteCount: Int) {
    guard let (_, fiber) = Hub.running else { return }
    cfiber_working_set_add(&fiber.record.pointee.workingSet, memory, byteCount)
  }

  /// The same for an object's memory.
  package static func uses(_ object: AnyObject, byteCount: Int) {
    uses(UnsafeRawPointer(Unmanaged.passUnretained(object).toOpaque()), byteCount: byteCount)
  }
}
