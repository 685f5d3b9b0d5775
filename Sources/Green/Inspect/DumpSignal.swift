internal import CInspect
internal import Glibc

/// Writes the hub's dump to standard error whenever a signal comes: ``Settings/dumpSignal``.
final class DumpSignal: HubExtension {
  private let signal: Signal
  private var signals: Signals?

  init(_ signal: Signal, _ hub: Hub) {
    self.signal = signal
    watch(hub)
  }

  private func watch(_ hub: Hub) {
    do {
      let signals = try Signals(signal)
      self.signals = signals
      // In the loop, not in a fiber: where no stack is to be had, it tells who has them.
      hub.loopWatchers.add(
        signals.descriptor,
        onReadable: { [unowned hub] _ in
          var count = 0
          while signals.take() != nil { count += 1 }
          if count > 0 { Report.message("\(hub.dump())") }
        }, onEnd: { signals.close() })
    } catch {
      Report.message("\(Settings.dumpSignal.name): \(error)")
    }
  }

  /// A forked child has its own.
  func hubForked(_ hub: Hub) { watch(hub) }
}

extension SettingForm where Value == Signal? {
  static let signal = SettingForm(
    "the name of a signal that can be caught, such as USR2 or RTMIN+3, or none",
    parse: { text in
      if text.isEmpty || text.lowercased() == "none" { return .some(nil) }
      return Signal(name: text).map { .some($0) }
    }, isAllowed: { $0?.canBeWatched ?? true }, write: { $0?.description ?? "none" })
}

extension SettingForm where Value == String {
  static let path = SettingForm(
    "the beginning of a path, or nothing for none", parse: { $0 == "none" ? "" : $0 },
    isAllowed: { !$0.utf8.contains(0) },
    write: { $0.isEmpty ? "none" : $0 })
}
