import Green
import GreenHTTP

/// What comes before HTTP on a connection, and after it.
extension WorkerConnection {
  /// What came of waiting for what comes before HTTP.
  enum Beginning {
    case ready
    /// Nothing has come, and the client has gone or the connection gives up its thread.
    case notYet
    /// Something else has come; the client may still be sending.
    case refused
  }

  /// Receives what comes before HTTP.
  func open() -> Beginning {
    guard let opening = context.opening else { return .ready }
    becameIdle()
    do {
      let hasBegun = try waitingForClient {
        try opening.awaitFirstByte(of: socket, until: .after(context.http.firstByteTime))
      }
      guard hasBegun else { return .notYet }
      becameBusy()
      awaitsRestOfHead()
      defer { endsWaitForHead() }
      transport = try waitingForClient { try opening.open(socket, until: .after(context.http.limits.headDeadline)) }
      isOpen = true
      return .ready
    } catch let fault as ConnectionFault {
      noteFault("Invalid connection", from: AccessRecord.host(ofPeer: socket.peerDescription), fault.reason)
      return .refused
    } catch {
      // The client has gone, or is too slow: as with a head that does not come.
      return .notYet
    }
  }

  /// Ends the connection as far as that can be done at once: whoever is at the other end of TLS is told so.
  func finish() { if transport.isEncrypted { transport.finishSending() } }

  private func waitingForClient<Result>(_ body: () throws -> Result) rethrows -> Result {
    clientWaitBegan()
    defer { clientWaitEnded() }
    return try body()
  }
}
