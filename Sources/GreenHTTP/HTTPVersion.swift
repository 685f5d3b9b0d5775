/// The version of HTTP a request was made in. There may be more one day.
///
/// A connection refuses others than 1.0 and 1.1: no handler sees them, but who answers a refused request
/// (``Application/respond(to:refusedWith:)``) may. An adapter to a server that speaks HTTP/2 says so.
public struct HTTPVersion: Sendable, Hashable, CustomStringConvertible {
  // One comparison, a few times a request.
  private let number: UInt16

  init(major: UInt8, minor: UInt8) { number = UInt16(major) << 8 | UInt16(minor) }

  /// HTTP/1.0: one request a connection unless the client asks for more.
  public static var http1_0: HTTPVersion { HTTPVersion(major: 1, minor: 0) }
  /// HTTP/1.1, and what a later minor version of it would be: the connection stays open unless either side says otherwise.
  public static var http1_1: HTTPVersion { HTTPVersion(major: 1, minor: 1) }
  /// HTTP/2 (RFC 9113).
  public static var http2: HTTPVersion { HTTPVersion(major: 2, minor: 0) }
  /// The version of a request whose line was too long to be read to its end.
  public static var unknown: HTTPVersion { HTTPVersion(major: 0, minor: 0) }

  /// The digit before the point.
  public var major: Int { Int(number >> 8) }
  /// The digit after the point.
  public var minor: Int { Int(number & 0xff) }

  /// As a request line has it: `HTTP/1.1`. `HTTP/?` where it is ``unknown``.
  public var description: String { self == .unknown ? "HTTP/?" : "HTTP/\(major).\(minor)" }
}
