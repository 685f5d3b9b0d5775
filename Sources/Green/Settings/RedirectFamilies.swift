/// The families of the C library's calls that wait in the hub where the redirect is linked: module GreenRedirect. Each
/// can be switched off, as gevent's `patch_all(socket=False)` does.
public struct RedirectFamilies: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// `sleep`, `nanosleep` and the like.
  public static let sleep = RedirectFamilies(rawValue: 1 << 0)
  /// `read` and `write` in all their forms, FIFOs, locks of files.
  public static let descriptors = RedirectFamilies(rawValue: 1 << 1)
  /// `connect`, `accept`, `recv`, `send` in all their forms.
  public static let sockets = RedirectFamilies(rawValue: 1 << 2)
  /// `poll`, `select`, `epoll_wait`.
  public static let multiplexing = RedirectFamilies(rawValue: 1 << 3)
  /// `getaddrinfo` and the like.
  public static let names = RedirectFamilies(rawValue: 1 << 4)
  /// `waitpid`, `system` and the like.
  public static let processes = RedirectFamilies(rawValue: 1 << 5)
  /// `sigwait`, `pause` and the like.
  public static let signals = RedirectFamilies(rawValue: 1 << 6)
  /// stdio on what may have to wait: `fread`, `fflush` and the like.
  public static let streams = RedirectFamilies(rawValue: 1 << 7)
  /// Mutexes, conditions, semaphores, once-tokens: owned by the fiber. Without them, a fiber that waits in one stops its
  /// thread, for ever where the holder is a fiber of the same thread.
  public static let locks = RedirectFamilies(rawValue: 1 << 8)
  /// `pthread_join`, and the keys of libraries that were told to be per fiber.
  public static let threads = RedirectFamilies(rawValue: 1 << 9)

  /// All families.
  public static let all = RedirectFamilies(rawValue: 1 << 10 - 1)

  /// Each with its name.
  public static let named: [(name: String, family: RedirectFamilies)] = [
    ("sleep", sleep), ("descriptors", descriptors), ("sockets", sockets), ("multiplexing", multiplexing),
    ("names", names), ("processes", processes), ("signals", signals), ("streams", streams), ("locks", locks),
    ("threads", threads),
  ]
}

extension RedirectFamilies: CustomStringConvertible {
  /// As ``init(_:)`` reads it.
  public var description: String {
    if self == .all { return "on" }
    return isEmpty ? "off" : Self.named.filter { contains($0.family) }.map(\.name).joined(separator: ",")
  }

  /// `on`; `off`; those that are on, separated by commas; or those that are off, each after a minus: `-sockets,-sleep`.
  public init?(_ text: String) {
    if text == "on" { self = .all; return }
    if text == "off" { self = []; return }
    let words = text.split(whereSeparator: { $0 == "," || $0 == " " })
    let isMinus = words.first?.hasPrefix("-") ?? false
    var families: RedirectFamilies = isMinus ? .all : []
    for word in words {
      let name = isMinus ? word.dropFirst() : word
      guard word.hasPrefix("-") == isMinus, let known = Self.named.first(where: { $0.name == name }) else { return nil }
      if isMinus { families.remove(known.family) } else { families.insert(known.family) }
    }
    guard !words.isEmpty else { return nil }
    self = families
  }
}

extension SettingForm where Value == RedirectFamilies {
  static let families = SettingForm(
    "on, off, or families separated by commas (\(Value.named.map(\.name).joined(separator: ", "))), each after a minus for "
      + "all but these",
    parse: { RedirectFamilies($0) }, write: { $0.description })
}
