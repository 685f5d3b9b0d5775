/// How the server's own sockets are made.
package struct ListenerOptions: Sendable {
  /// How many connections the kernel holds until a worker accepts them.
  package var backlog: Int
  /// Which permissions a socket file does not have; `nil` for the process's own umask.
  package var umask: UInt32?
  /// Whose a socket file is; `nil` for whoever makes it.
  package var owner: FileOwner?
  /// Whether other servers may listen at the same TCP address: `SO_REUSEPORT`.
  package var sharesPort = false
  /// Whether an IPv6 socket leaves IPv4 alone: where another listens there.
  var leavesIPv4 = false

  package init(backlog: Int = 2048, umask: UInt32? = nil, owner: FileOwner? = nil, sharesPort: Bool = false) {
    self.backlog = backlog
    self.umask = umask
    self.owner = owner
    self.sharesPort = sharesPort
  }
}
