internal import Green
internal import GreenHTTP

// For code that lets messages wait, and does not receive meanwhile.

extension WebSocket {
  /// Whether the peer has ended the connection, whatever it has sent before that and nobody has received. Receives nothing, and
  /// neither parks nor blocks. `false` where that cannot be known.
  package var peerHasEnded: Bool { (try? stream.waitForPeerToEnd(until: .now)) ?? true }
}
