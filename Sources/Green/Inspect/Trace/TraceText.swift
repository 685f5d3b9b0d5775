internal import CFiber

/// Events as Chrome's trace viewer and Perfetto read them: objects of JSON, separated by commas.
/// <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
struct TraceText {
  /// What has not been taken away yet.
  private(set) var bytes: [UInt8] = []
  private let process: Int32
  private var isFirst = true

  init(process: Int32) { self.process = process }

  mutating func takeBytes() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Something that lasted: the fiber had the thread, waited, or was ready to go on.
  mutating func slice(_ name: TraceName, _ category: StaticString, on track: UInt64, from start: Int64, to end: Int64) {
    begin("X", on: track, at: start)
    add(",\"dur\":")
    add(microseconds: max(0, end - start))
    add(",\"cat\":\"")
    add(category)
    add("\"")
    finish(name)
  }

  /// An arrow from one who woke another to where that one went on.
  mutating func arrow(_ number: UInt64, from waker: UInt64, at woken: Int64, to fiber: UInt64, at resumed: Int64) {
    for (phase, track, time) in [("s", waker, woken), ("f", fiber, resumed)] as [(StaticString, UInt64, Int64)] {
      begin(phase, on: track, at: time)
      add(",\"bp\":\"e\",\"cat\":\"wake\",\"id\":")
      add(number)
      finish(.words("wakes"))
    }
  }

  /// What a track, or with no number the process, is called.
  mutating func label(_ track: UInt64?, _ label: TraceName) {
    begin("M", on: track ?? 0, at: nil)
    add(",\"args\":{\"name\":\"")
    add(label)
    add("\"}")
    finish(.words(track == nil ? "process_name" : "thread_name"))
  }

  /// A moment of the process.
  mutating func note(_ words: StaticString, at time: Int64) {
    begin("i", on: 0, at: time)
    add(",\"s\":\"p\"")
    finish(.words(words))
  }

  private mutating func begin(_ phase: StaticString, on track: UInt64, at time: Int64?) {
    add(isFirst ? "{\"ph\":\"" : ",\n{\"ph\":\"")
    isFirst = false
    add(phase)
    add("\",\"pid\":")
    add(UInt64(max(0, process)))
    add(",\"tid\":")
    add(track)
    if let time {
      add(",\"ts\":")
      add(microseconds: time)
    }
  }

  private mutating func finish(_ name: TraceName) {
    add(",\"name\":\"")
    add(name)
    add("\"}")
  }
}

/// What something in a trace is called.
enum TraceName {
  case words(StaticString)
  /// A fiber's name; its number where it has none.
  case fiber(FiberPointer)
  case wait(WaitReason)
  case process(Int32)
}

extension TraceText {
  private static let kinds = WaitKind.allCases.map { Array("waits: \($0)".utf8) }

  fileprivate mutating func add(_ name: TraceName) {
    switch name {
    case .words(let words): add(words)
    case .fiber(let fiber):
      if fiber.pointee.slab == nil { return add("loop") }
      if fiber.pointee.name.0 != 0 { return add(escaping: cfiber_name(fiber)) }
      add("fiber ")
      add(fiber.pointee.id)
    case .wait(let reason):
      bytes.append(contentsOf: Self.kinds[Int(reason.kind.rawValue)])
      switch reason.kind {
      case .readable, .writable, .child:
        add(" ")
        add(UInt64(reason.detail))
      default: break
      }
    case .process(let number):
      add("process ")
      add(UInt64(max(0, number)))
    }
  }

  fileprivate mutating func add(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  fileprivate mutating func add(_ number: UInt64) {
    var digits = (0 as UInt64, 0 as UInt64, 0 as UInt64)
    withUnsafeMutableBytes(of: &digits) { room in
      var rest = number
      var place = room.count
      repeat {
        place -= 1
        room[place] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: room[place...])
    }
  }

  /// With three digits after the point.
  fileprivate mutating func add(microseconds nanoseconds: Int64) {
    add(UInt64(max(0, nanoseconds / 1000)))
    let fraction = UInt64(max(0, nanoseconds % 1000))
    add(fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".")
    add(fraction)
  }

  /// A name may come from outside, from a request's path for one.
  private mutating func add(escaping name: UnsafePointer<CChar>) {
    for scalar in String(cString: name).unicodeScalars {
      switch scalar {
      case "\"", "\\":
        bytes.append(0x5c)
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      case "\u{0}"..<" ", "\u{7f}"..<"\u{a0}": bytes.append(UInt8(ascii: "?"))
      default: bytes.append(contentsOf: UTF8.encode(scalar)!)
      }
    }
  }
}
