internal import CFiber

/// Who called whom in a fiber at the moment when it was asked, the innermost call first.
///
/// Taking one costs about 200 ns a call and copies addresses only; names, files and lines are looked up when they are
/// asked for, in the symbol and line tables of the executable and its libraries (a stripped one tells what it exports).
public struct FiberBacktrace: Sendable, Hashable {
  /// One call.
  public struct Frame: Sendable, Hashable {
    /// Where the call will return to; of the innermost, where the code goes on.
    public let address: UInt
    /// The function as a person reads it, `nil` where no symbol covers the address.
    public let function: String?
    /// The function as the linker knows it.
    public let symbol: String?
    /// Bytes from the beginning of the function, or of the image where there is no symbol.
    public let offset: Int
    /// The path of the executable or library.
    public let image: String
    /// The path of the source file and the line in it, where the image tells: debug builds do.
    public let file: String?
    /// The line in the file; `nil` where it is not known.
    public let line: Int
  }

  /// Return addresses, the innermost first.
  public let addresses: [UInt]

  /// At most this many calls are listed.
  static let longest = 128

  init(addresses: [UInt]) { self.addresses = addresses }

  /// Of a fiber of the calling thread's hub.
  init(of fiber: FiberPointer) {
    addresses = [UInt](unsafeUninitializedCapacity: Self.longest) { buffer, count in
      count = cfiber_backtrace(fiber, buffer.baseAddress, buffer.count)
    }
  }

  /// The backtrace of the calling code.
  public static var current: FiberBacktrace {
    guard let fiber = cfiber_current() else { return FiberBacktrace(addresses: []) }
    return FiberBacktrace(of: fiber)
  }

  /// All calls, with the runtime's own at both ends.
  public var allFrames: [Frame] { Symbols.frames(for: addresses) }

  /// The calls without those in which the runtime parks a fiber, begins one and takes its backtrace, and without the
  /// compiler's own.
  public var frames: [Frame] {
    let all = allFrames
    let asking = all.prefix(20).lastIndex(where: Self.isAsking) ?? -1
    let first = all[(asking + 1)...].firstIndex { !Self.isParking($0) } ?? 0
    let last = all.lastIndex { !Self.isBeginning($0) } ?? all.endIndex - 1
    return first <= last ? all[first...last].filter { !Self.isThunk($0) } : all
  }

  // Swift's mangling of methods of UnsafeMutablePointer that this module adds, to HubState and MutexCore for instance.
  private static let hubMethod = "$sSp5GreenAA8HubStateVRszlE"
  private static let asking = [
    "$s5Green3HubC4dump", "$s5Green14FiberBacktraceV", hubMethod + "13beginLockWait",
    hubMethod + "13lookForCircle",
  ]
  private static let parking = [
    "cfiber_switch", "$sSp5GreenAA", "$s5Green10ParkingLotO", "$s5Green3HubC8shielded", "$s5Green11NativeWaitsO",
    "$s5Green4WakeO", "$s13GreenRedirect11linkObjects", "credirect_wait_for",
  ]

  /// What only passes a closure's context on.
  private static func isThunk(_ frame: Frame) -> Bool {
    frame.file == nil && frame.symbol?.hasPrefix("$s") == true && frame.symbol?.hasSuffix("TA") == true
  }

  private static func isAsking(_ frame: Frame) -> Bool {
    guard let symbol = frame.symbol else { return false }
    return asking.contains { symbol.hasPrefix($0) }
  }

  private static func isParking(_ frame: Frame) -> Bool {
    guard let symbol = frame.symbol else { return false }
    // The standard library's own functions are in between, where they are not in line.
    return parking.contains { symbol.hasPrefix($0) } || (symbol.hasPrefix("$ss") && frame.file == nil)
  }

  private static func isBeginning(_ frame: Frame) -> Bool {
    guard let symbol = frame.symbol else { return false }
    return symbol == "cfiber_begin" || symbol == "cfiber_start" || symbol.hasPrefix(hubMethod)
      || symbol == "$s5Green8AnyFiberC3runyyF"
      || symbol.hasPrefix("$s5Green5FiberC4main")
  }
}

extension FiberBacktrace: CustomStringConvertible {
  /// A line for each call.
  public var description: String { frames.map(\.description).joined(separator: "\n") }
}

extension FiberBacktrace.Frame: CustomStringConvertible {
  public var description: String {
    let image = self.image.split(separator: "/").last ?? "nowhere"
    guard let function else { return "\(image) + 0x\(String(offset, radix: 16))" }
    guard let file else { return "\(function) + \(offset) in \(image)" }
    return "\(function) at \(file):\(line)"
  }
}
