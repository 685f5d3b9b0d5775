import Glibc
import Green

/// When each fiber had the thread: recorded at every switch, and written as Chrome's trace viewer and Perfetto read it.
final class SwitchTrace {
  /// A fiber had the thread, in nanoseconds of `CLOCK_MONOTONIC`.
  struct Slice: Sendable {
    var began: Int64
    var ended: Int64
    var fiber: UInt64
    var side: FiberSwitch.Side
  }

  private(set) var slices: [Slice] = []
  private var began: Int64?

  /// What fits into some 10 MB: a trace that has more ends early.
  static let most = 100_000

  func note(_ change: FiberSwitch) {
    let now = monotonicNanoseconds()
    if change.from.id != 0, let began, slices.count < Self.most {
      slices.append(Slice(began: began, ended: now, fiber: change.from.id, side: change.from))
    }
    began = change.to.id != 0 ? now : nil
  }

  /// Events of the trace format, separated by commas. <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
  static func events(_ slices: [Slice]) -> String {
    let pid = getpid()
    var events = [
      #"{"name":"process_name","ph":"M","pid":\#(pid),"tid":0,"args":{"name":"greenfinch worker \#(pid)"}}"#
    ]
    if slices.count >= most {
      events.append(
        #"{"name":"the trace ends early","ph":"i","s":"p","pid":\#(pid),"tid":0,"ts":\#(microseconds(slices.last?.ended ?? 0))}"#
      )
    }
    for slice in slices {
      let name = slice.side.name
      var event = JSONObject()
      event.add("name", name.isEmpty ? "fiber \(slice.fiber)" : name)
      event.add("cat", "fiber")
      event.add("ph", "X")
      event.add("pid", pid)
      event.add("tid", slice.fiber)
      event.add(raw: microseconds(slice.began), as: "ts")
      event.add(raw: microseconds(slice.ended - slice.began), as: "dur")
      events.append(event.text)
    }
    return events.joined(separator: ",\n")
  }

  /// Microseconds with three digits after the point.
  private static func microseconds(_ nanoseconds: Int64) -> String {
    let fraction = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
  }
}
