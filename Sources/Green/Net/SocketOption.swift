internal import CGlibc
internal import Glibc
internal import SystemPackage

/// An option of a socket, and of what type its value is.
///
/// ```swift
/// try socket.setOption(.noDelay, to: false)
/// try socket.setOption(.keepAliveIdle, to: .seconds(30))
/// let size = try socket.option(.receiveBufferSize)
/// ```
///
/// An option that is not named here is made with ``flag(_:level:number:)`` and the like.
public struct SocketOption<Value>: Sendable {
  /// The option's name in C, for error messages.
  public let name: String
  private let level: CInt
  private let number: CInt
  private let decode: @Sendable (UnsafeRawBufferPointer) -> Value
  /// `nil` for a value that the option cannot hold.
  private let encode: @Sendable (Value) -> [UInt8]?

  init(
    _ name: String, level: CInt, number: CInt, decode: @escaping @Sendable (UnsafeRawBufferPointer) -> Value,
    encode: @escaping @Sendable (Value) -> [UInt8]?
  ) {
    self.name = name
    self.level = level
    self.number = number
    self.decode = decode
    self.encode = encode
  }

  func read(from descriptor: CInt) throws(SocketOptionError) -> Value {
    // All zero, so that an option which the kernel answers with less reads as such.
    var room = InlineArray<64, UInt8>(repeating: 0)
    var length = socklen_t(64)
    let status = withUnsafeMutableBytes(of: &room) { getsockopt(descriptor, level, number, $0.baseAddress, &length) }
    guard status == 0 else { throw SocketOptionError(name: name, value: nil, reason: Errno(rawValue: errno)) }
    return withUnsafeBytes(of: room) { decode(UnsafeRawBufferPointer(rebasing: $0[..<Int(length)])) }
  }

  func write(_ value: Value, to descriptor: CInt) throws(SocketOptionError) {
    guard let bytes = encode(value) else {
      throw SocketOptionError(name: name, value: "\(value)", reason: .invalidArgument)
    }
    if setsockopt(descriptor, level, number, bytes, socklen_t(bytes.count)) != 0 {
      throw SocketOptionError(name: name, value: "\(value)", reason: Errno(rawValue: errno))
    }
    cglibc_note_linger(level, number, bytes, socklen_t(bytes.count))
  }
}

// The forms in which the kernel takes values.
extension SocketOption {
  static func integer(
    _ name: String, level: CInt, number: CInt, decode: @escaping @Sendable (CInt) -> Value,
    encode: @escaping @Sendable (Value) -> CInt?
  ) -> Self {
    Self(name, level: level, number: number) {
      // Some options are answered with a single byte.
      decode($0.count < 4 ? CInt($0.first ?? 0) : $0.loadUnaligned(as: CInt.self))
    } encode: {
      encode($0).map { withUnsafeBytes(of: $0) { Array($0) } }
    }
  }
}

extension SocketOption where Value == Bool {
  /// An option that is on or off.
  public static func flag(_ name: String, level: CInt, number: CInt) -> Self {
    integer(name, level: level, number: number) {
      $0 != 0
    } encode: {
      $0 ? 1 : 0
    }
  }
}

extension SocketOption where Value == Int {
  /// An option that is a number.
  public static func number(_ name: String, level: CInt, number: CInt) -> Self {
    integer(name, level: level, number: number) {
      Int($0)
    } encode: {
      CInt(exactly: $0)
    }
  }
}

extension SocketOption where Value == Duration {
  /// An option that is a time in whole `unit`s, rounded up.
  public static func time(_ name: String, level: CInt, number: CInt, unit: Duration) -> Self {
    let nanoseconds = max(1, unit.wholeNanoseconds)
    return integer(name, level: level, number: number) {
      unit * Int($0)
    } encode: {
      let whole = $0.wholeNanoseconds
      return CInt(exactly: whole / nanoseconds + (whole % nanoseconds > 0 ? 1 : 0)).flatMap { $0 < 0 ? nil : $0 }
    }
  }
}

extension SocketOption where Value == String {
  /// An option that is a name of at most 63 bytes.
  public static func text(_ name: String, level: CInt, number: CInt) -> Self {
    Self(name, level: level, number: number) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    } encode: {
      $0.utf8.count < 64 && !$0.utf8.contains(0) ? Array($0.utf8) : nil
    }
  }
}
