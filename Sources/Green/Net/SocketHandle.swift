internal import Glibc

/// What has a socket's descriptor: ``Socket``, ``Listener`` and ``DatagramSocket``.
public protocol SocketHandle: AnyObject {
  /// The descriptor, -1 once closed.
  var descriptor: CInt { get }
}

extension SocketHandle {
  /// The address that the socket is bound to, by its user or by the kernel; `nil` when it is closed. See
  /// `getsockname(2)`.
  public var localAddress: SocketAddress? {
    SocketAddress.filled { getsockname(descriptor, $0, $1) }.address
  }

  /// The value of an option. See `getsockopt(2)`.
  ///
  /// - Throws: ``SocketOptionError``.
  public func option<Value>(_ option: SocketOption<Value>) throws(SocketOptionError) -> Value {
    try option.read(from: descriptor)
  }

  /// Sets an option. See `setsockopt(2)`.
  ///
  /// - Throws: ``SocketOptionError`` with the value that was refused.
  public func setOption<Value>(_ option: SocketOption<Value>, to value: Value) throws(SocketOptionError) {
    try option.write(value, to: descriptor)
  }
}
