extension RequestStorage {
  /// Makes the storage a connection's, which waits for a request.
  func attach(to connection: HTTPConnection) {
    state.pointee.connection = .passUnretained(connection)
    isBetweenRequests.store(true, ordering: .releasing)
  }

  /// Makes the storage ready for the next request of the connection, of which some bytes may be there already.
  @inline(__always)
  func prepareForNext() {
    isBetweenRequests.store(true, ordering: .releasing)
    state.pointee.buffer.consume(state.pointee.headLength + state.pointee.body.received)
    state.pointee.head.reset()
    identity.store(0, ordering: .relaxed)
  }

  /// Another storage, with the bytes that follow this request.
  func successor() -> RequestStorage {
    let received = state.pointee.buffer.bytes
    let used = state.pointee.headLength + state.pointee.body.received
    let rest = UnsafeRawBufferPointer(rebasing: received[used...])
    return RequestStorage(buffer: ReceiveBuffer(copying: rest))
  }

  /// Leaves the storage to whoever holds the request.
  func detach(remote: String) {
    state.pointee.connection = nil
    state.pointee.remote = remote
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
