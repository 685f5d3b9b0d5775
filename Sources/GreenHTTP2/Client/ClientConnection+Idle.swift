internal import Green
internal import GreenHTTP

extension ClientConnection {
  /// How often is received, at most, before a request is sent: a server may say one thing after the other.
  private static var mostReceives: Int { 16 }

  /// Takes what has come while nobody waited for anything, such as that the server leaves. It waits for nothing, and has memory
  /// of its own, as others may begin to receive meanwhile.
  func takeWhatIsThere() {
    guard streams.isEmpty, receiver == nil, let stream = self.stream as? any HalfClosableByteStream else { return }
    for _ in 0..<Self.mostReceives {
      guard failure == nil, stream.hasUnread else { return }
      do {
        let count = try withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { room in
          let count = try stream.receive(into: room, until: .now)
          if count > 0 { take(UnsafeRawBufferPointer(rebasing: room[..<count])) }
          return count
        }
        if count == 0 { return fail(.lost(nil)) }
      } catch let error where error.isLossOfStream {
        return fail(.lost(error))
      } catch {
        // Of what is coming there is a part so far, or the caller is to wait for nothing more.
        return
      }
    }
  }
}
