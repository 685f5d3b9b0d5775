extension HTTPConnection {
  /// Notes what the peer says of the client, where it is a trusted proxy. Returns for what the request is refused, if for
  /// anything.
  @inline(never)
  func noteForwarding(_ storage: RequestStorage) -> HeadFault? {
    guard trustsPeer else { return nil }
    let request = Request(storage)
    do throws(HeadFault) {
      storage.state.pointee.head.forwarding = try Forwarding.resolve(
        { request.value(of: UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount), separator: ", ") },
        trusting: proxies.forwardedFrom)
      return nil
    } catch {
      return error
    }
  }
}
