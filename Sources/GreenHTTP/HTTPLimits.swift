/// How much, and for how long, a connection takes from a client that may mean no good.
public struct HTTPLimits: Sendable, Hashable {
  /// The longest request line in bytes, without its end; a longer one is answered with `414`. The default is
  /// 8,190, as Apache's.
  public var requestLine = 8_190
  /// The longest field line in bytes; a longer one is answered with `431`. The default is 8,190, as gunicorn's.
  public var fieldLine = 8_190
  /// The most fields of one request; more are answered with `431`. At most 65,000; the default is
  /// 100, as gunicorn's.
  public var fields = 100
  /// The longest head in bytes, request line and fields together; a longer one is answered with `431`. The
  /// default is 64 KB.
  public var head = 65_536
  /// The longest body in bytes, 0 for any length; a longer one is answered with `413` without being read, one that comes in
  /// chunks at the chunk that passes the limit.
  ///
  /// An application may say another for some of its requests, ``Application/bodyLimit(for:)``.
  ///
  /// The default is 1 MiB, as nginx's: gunicorn has no limit, and so leaves it to every application to remember that
  /// ``RequestBody/bytes()`` holds the whole body in memory.
  public var body = 1_048_576
  /// How deeply arrays and objects may be nested in a JSON body, 512 at most; a deeper one is answered with `400`
  /// before it is decoded. The default is 128, as serde's.
  public var jsonDepth = 128

  /// How long a head may take from its first byte to its last; a slower one is answered with `408`. The default is
  /// 10 s.
  public var headDeadline: Duration = .seconds(10)
  /// How long a client may be waited for that sends a body more slowly than ``minimumRate``; it is answered with `408`.
  /// The default is 30 s.
  public var bodyDeadline: Duration = .seconds(30)
  /// How long a client may be waited for that takes an answer more slowly than ``minimumRate``; the connection ends.
  /// The default is 30 s.
  public var writeDeadline: Duration = .seconds(30)
  /// How many bytes a second a client must send or take, over 10 s of waiting for it, to have the whole of those times
  /// again; 0 for none: then any byte gives it. The default is 500, as Apache's.
  public var minimumRate = 500

  /// The defaults.
  public init() {}

  /// The limits with those that offsets of 32 bits cannot express brought down to what they can.
  var bounded: HTTPLimits {
    var limits = self
    limits.head = min(max(head, 16), 1 << 30)
    return limits
  }
}
