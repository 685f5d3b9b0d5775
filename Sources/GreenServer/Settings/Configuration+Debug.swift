internal import GreenHTTP

extension Configuration {
  /// Throws where errors are to be shown to whoever the network brings.
  func checkDebug() throws(ConfigurationError) {
    guard self.debug, let other = self.bind.first(where: { !$0.isOfThisMachine }) else { return }
    throw complaint(
      about: ServerSettings.reloading.debug, ServerSettings.reloading.debug.text(in: self),
      "but the server listens at '\(other)', and errors are shown on this machine alone: --bind 127.0.0.1:8000")
  }
}

extension BindAddress {
  /// Whether nobody but this machine reaches it. Of a socket that is opened by another it is not known.
  var isOfThisMachine: Bool {
    guard case .tcp(let host, _) = self else { return false }
    return Peer.isThisMachine(host: host)
  }
}
