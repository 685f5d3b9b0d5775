internal import Glibc

// tcp(7)
private let tcp = CInt(IPPROTO_TCP)

extension SocketOption where Value == Bool {
  /// `TCP_NODELAY`: small segments are sent at once. On for every ``Socket``.
  public static var noDelay: Self { .flag("TCP_NODELAY", level: tcp, number: TCP_NODELAY) }
  /// `TCP_CORK`: only full segments are sent while it is on, for at most 200 ms.
  public static var cork: Self { .flag("TCP_CORK", level: tcp, number: TCP_CORK) }
  /// `TCP_QUICKACK`: acknowledgements are not delayed. The kernel turns it off again by itself.
  public static var quickAck: Self { .flag("TCP_QUICKACK", level: tcp, number: TCP_QUICKACK) }
  /// `TCP_FASTOPEN_CONNECT`: the first bytes sent travel with the connection request, where the server allows it.
  public static var fastOpenConnect: Self {
    .flag("TCP_FASTOPEN_CONNECT", level: tcp, number: TCP_FASTOPEN_CONNECT)
  }
}

extension SocketOption where Value == Int {
  /// `TCP_KEEPCNT`: how many probes may go unanswered.
  public static var keepAliveCount: Self { .number("TCP_KEEPCNT", level: tcp, number: TCP_KEEPCNT) }
  /// `TCP_FASTOPEN`: how many requests with data a listener may hold that have not completed their handshake.
  public static var fastOpenQueue: Self { .number("TCP_FASTOPEN", level: tcp, number: TCP_FASTOPEN) }
  /// `TCP_NOTSENT_LOWAT`: how many bytes may wait to be sent while the socket still counts as writable.
  public static var notSentLowWatermark: Self {
    .number("TCP_NOTSENT_LOWAT", level: tcp, number: TCP_NOTSENT_LOWAT)
  }
  /// `TCP_MAXSEG`: the largest segment, in bytes.
  public static var maximumSegment: Self { .number("TCP_MAXSEG", level: tcp, number: TCP_MAXSEG) }
}

extension SocketOption where Value == Duration {
  /// `TCP_KEEPIDLE`: how long a connection is idle before it is probed, in whole seconds.
  public static var keepAliveIdle: Self {
    .time("TCP_KEEPIDLE", level: tcp, number: TCP_KEEPIDLE, unit: .seconds(1))
  }
  /// `TCP_KEEPINTVL`: the time between probes, in whole seconds.
  public static var keepAliveInterval: Self {
    .time("TCP_KEEPINTVL", level: tcp, number: TCP_KEEPINTVL, unit: .seconds(1))
  }
  /// `TCP_USER_TIMEOUT`: how long sent bytes may stay unacknowledged before the connection fails, in milliseconds; zero
  /// is the kernel's own limit.
  public static var userTimeout: Self {
    .time("TCP_USER_TIMEOUT", level: tcp, number: TCP_USER_TIMEOUT, unit: .milliseconds(1))
  }
  /// `TCP_DEFER_ACCEPT`: how long a listener keeps a connection back until its first bytes have come, in whole seconds;
  /// the kernel rounds it to the times of its retransmissions.
  public static var deferAccept: Self {
    .time("TCP_DEFER_ACCEPT", level: tcp, number: TCP_DEFER_ACCEPT, unit: .seconds(1))
  }
}

extension SocketOption where Value == String {
  /// `TCP_CONGESTION`: the congestion control algorithm, such as `cubic`.
  public static var congestionControl: Self { .text("TCP_CONGESTION", level: tcp, number: TCP_CONGESTION) }
}
