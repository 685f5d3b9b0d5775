extension RequestStorage {
  /// Makes the storage a connection's, which waits for a request.
  func attach(to connection: HTTPConnection) {
    state.pointee.origin = connection
    isBetweenRequests.store(true, ordering: .releasing)
  }

  /// Makes the storage ready for the next request of the connection, of which some bytes may be there already.
  ///
  /// - Parameter used: how many bytes belong to the request that has been answered.
  @inline(__always)
  func prepareForNext(used: Int) {
    isBetweenRequests.store(true, ordering: .releasing)
    state.pointee.buffer.consume(used)
    state.pointee.head.reset()
    state.pointee.route = nil
    if state.pointee.notes != nil { state.pointee.notes = nil }
    identity.store(0, ordering: .relaxed)
  }

  /// Another storage, with the bytes that follow this request's.
  func successor(used: Int) -> RequestStorage {
    let rest = UnsafeRawBufferPointer(rebasing: state.pointee.buffer.bytes[used...])
    return RequestStorage(buffer: ReceiveBuffer(copying: rest))
  }
}

extension Unmanaged where Instance == RequestStorage {
  /// How many references to the storage there are. The number as such means nothing; more than before are those of a
  /// handler, or of what it has begun, that has kept the request.
  var holderCount: Int {
    @inline(__always) get { retainCount(toOpaque()) }
  }
}

// Exported by libswiftCore (stdlib/public/runtime/HeapObject.cpp), as the standard library's _getRetainCount is not for
// classes that are unmanaged.
@_silgen_name("swift_retainCount")
private func retainCount(_ object: UnsafeMutableRawPointer) -> Int
