/// The selections that wait for a fiber's end.
final class WaitingSelections {
  @exclusivity(unchecked) var list = WaitList()
}

extension AnyFiber {
  /// Only on the hub's thread, before the fiber has finished.
  var selections: WaitingSelections {
    if let known = waitingSelections { return unsafeDowncast(known, to: WaitingSelections.self) }
    let made = WaitingSelections()
    waitingSelections = made
    observe { _ in WaitList.wakeAll(made.list.takeAll()) }
    return made
  }
}
