extension RequestStorage {
  /// Makes the storage ready for the next request of the connection, of which some bytes may be there already.
  @inline(__always)
  func prepareForNext() {
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
