internal import Green
internal import GreenHTTP

extension HTTP2Connection {
  /// Looks after what does not come by itself. Called now and then.
  func look() {
    if clock.headDeadline.hasPassed {
      refused("a head did not arrive in time")
      clock.headEnded()
      return terminate(.enhanceYourCalm)
    }
    if clock.hasIdledTooLong { endNow() }
    if observer?.isStopping ?? false { announceEnd() }
    if case .announced(let since) = ending, since.advanced(by: ConnectionClock.patienceAtEnd).hasPassed { endNow() }
    nuisance.timePasses()
    // A copy: a stream that is reset is closed.
    for stream in Array(streams.values) { stream.look() }
    clock.swept()
    sendWhatIsThere()
  }

  /// Asks the client to make no more requests here, for which it takes another connection: RFC 9113, 6.8.
  func announceEnd() {
    guard case .no = ending else { return }
    ending = .announced(since: .now)
    session.announceEnd()
  }

  /// Serves nothing that begins from now on.
  func endNow() {
    if case .final = ending { return }
    ending = .final
    session.end()
    sendWhatIsThere()
  }

  /// Ends the connection for a fault of the client.
  func terminate(_ code: ErrorCode) {
    ending = .final
    session.terminate(code)
    sendWhatIsThere()
  }
}
