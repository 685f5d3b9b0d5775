extension HTTPConnection {
  /// Notes what the peer says of the client, where it is a trusted proxy. Returns for what the request is refused, if for
  /// anything.
  @inline(never)
  func noteForwarding(_ storage: RequestStorage) -> HeadFault? {
    guard trustsPeer else { return nil }
    do throws(HeadFault) {
      try storage.noteForwarding(trusting: proxies.forwardedFrom)
      return nil
    } catch {
      return error
    }
  }
}

extension RequestStorage {
  /// Notes what the fields of a request say of the client that a trusted proxy has sent; and that it was one, whose name for
  /// the request is taken over.
  ///
  /// - Throws: for what the request is refused.
  func noteForwarding(trusting trusted: TrustedPeers) throws(HeadFault) {
    let request = Request(self)
    state.pointee.head.forwarding =
      try Forwarding.resolve(
        { request.value(of: UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount), separator: ", ") },
        trusting: trusted) ?? .silent
  }
}
