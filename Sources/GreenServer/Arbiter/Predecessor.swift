import CProcess
import Glibc

/// The master whose place this one is to take: USR2 has started this one.
struct Predecessor {
  let pid: pid_t
  let handshake: Handshake
  /// Its scoreboard; `nil` where that is another version's.
  let scoreboard: Scoreboard?
  let listeners: [BoundListener]

  /// Whether there is one.
  static var isThere: Bool { Inheritance.ofSuccessor != nil }

  /// Takes over what this process inherited from it, once; `nil` in a master that has started by itself.
  static func takeOver() -> Predecessor? { Inheritance.ofSuccessor.map(Predecessor.init) }

  private init(_ inheritance: Inheritance) {
    pid = pid_t(inheritance.slot)
    handshake = Handshake(descriptor: inheritance.handshake)
    let files: [Int] = if case .message(.files(let files)) = handshake.receive() { files } else { [] }
    listeners = inheritance.listeners.enumerated().map {
      BoundListener(adopting: $0.element, hasFile: files.contains($0.offset))
    }
    scoreboard = try? Scoreboard(inherited: inheritance.scoreboard)
    if scoreboard == nil { close(inheritance.scoreboard) }
  }
}
