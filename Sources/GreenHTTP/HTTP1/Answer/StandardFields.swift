internal import Glibc
internal import HTTPTypes

/// `Server` and `Date` as they stand in an answer, written once a second.
///
/// A handle, as ``OutputBuffer`` is.
struct StandardFields {
  private struct State {
    var second: Int64
    let base: UnsafeMutableRawPointer
    let serverLength: Int
  }

  private let state: UnsafeMutablePointer<State>

  /// `Date: `, the date, CR and LF.
  private static var dateLength: Int { 6 + HTTPDate.length + 2 }

  /// A name that is not a field value makes no field.
  init(serverName: String) {
    let name = HTTPField.isValidValue(serverName) ? serverName : ""
    let serverLength = name.isEmpty ? 0 : 8 + name.utf8.count + 2
    let base = UnsafeMutableRawPointer.allocate(byteCount: serverLength + Self.dateLength, alignment: 16)
    var cursor = OutputCursor(at: base)
    if !name.isEmpty {
      cursor.append("Server: ")
      cursor.append(name)
      cursor.append("\r\n")
    }
    cursor.append("Date: ")
    OutputCursor.terminate(cursor.at + HTTPDate.length)
    state = .allocate(capacity: 1)
    state.initialize(to: State(second: .min, base: base, serverLength: serverLength))
  }

  func deallocate() {
    state.pointee.base.deallocate()
    state.deallocate()
  }

  /// The most bytes that ``current()`` has.
  var capacity: Int { state.pointee.serverLength + Self.dateLength }

  /// Both field lines, as of now. `Server` comes first, so that either can be left out.
  @inline(__always)
  func current() -> UnsafeRawBufferPointer {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &now)
    if now.tv_sec != state.pointee.second { refresh(Int64(now.tv_sec)) }
    return UnsafeRawBufferPointer(start: state.pointee.base, count: capacity)
  }

  /// Those of both lines that an answer does not bring itself.
  func current(server: Bool, date: Bool) -> UnsafeRawBufferPointer {
    let both = current()
    let from = server ? 0 : state.pointee.serverLength
    let to = date ? both.count : state.pointee.serverLength
    return UnsafeRawBufferPointer(rebasing: both[from..<max(from, to)])
  }

  @inline(never)
  private func refresh(_ second: Int64) {
    HTTPDate.write(second, to: state.pointee.base + state.pointee.serverLength + 6)
    state.pointee.second = second
  }
}

extension OutputCursor {
  fileprivate static func terminate(_ memory: UnsafeMutableRawPointer) {
    var cursor = OutputCursor(at: memory)
    cursor.append("\r\n")
  }
}
