/// What may be put into ``HTML``: a type says itself how it is shown.
///
/// ```swift
/// extension Money: HTMLConvertible {
///   func write(to page: inout String) { ("<b>\(amount)</b> \(currency)" as HTML).write(to: &page) }
/// }
/// ```
public protocol HTMLConvertible {
  /// Appends the value's markup, escaped.
  func write(to page: inout String)
}

extension HTML: HTMLConvertible {
  public func write(to page: inout String) { page += text }
}

extension String: HTMLConvertible {
  public func write(to page: inout String) { HTMLEscaping.write(self, to: &page) }
}

extension Substring: HTMLConvertible {
  public func write(to page: inout String) { HTMLEscaping.write(String(self), to: &page) }
}

extension Character: HTMLConvertible {
  public func write(to page: inout String) { HTMLEscaping.write(String(self), to: &page) }
}

extension HTMLConvertible where Self: FixedWidthInteger {
  public func write(to page: inout String) { page += String(self) }
}

extension Int: HTMLConvertible {}
extension Int32: HTMLConvertible {}
extension Int64: HTMLConvertible {}
extension UInt: HTMLConvertible {}
extension UInt32: HTMLConvertible {}
extension UInt64: HTMLConvertible {}

extension Double: HTMLConvertible {
  public func write(to page: inout String) { page += description }
}

extension Bool: HTMLConvertible {
  public func write(to page: inout String) { page += description }
}

extension Optional: HTMLConvertible where Wrapped: HTMLConvertible {
  public func write(to page: inout String) { self?.write(to: &page) }
}

extension Array: HTMLConvertible where Element: HTMLConvertible {
  public func write(to page: inout String) { for value in self { value.write(to: &page) } }
}
