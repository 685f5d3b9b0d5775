import CProcess
import Glibc
import Green
import SystemPackage

/// The ends of the sockets to other masters of this program.
struct MasterRelatives {
  /// To the one that is to take this one's place.
  var successor: Handshake?
  /// To the one whose place this one is to take.
  var predecessor: Handshake?

  var all: [Handshake] { [successor, predecessor].compactMap(\.self) }

  /// Tells the master before that this one serves.
  func tellPredecessor() { try? predecessor?.send(.ready) }
}

extension Arbiter {
  /// What other masters say, and that one has ended.
  func hearRelatives() {
    if let successor = relatives.successor {
      switch successor.receive() {
      case .message(.ready): tell(.successorReady)
      case .message, .nothing: break
      case .figures(let file): close(file)
      case .end:
        // Its end is told by SIGCHLD.
        successor.close()
        relatives.successor = nil
      }
    }
    if let predecessor = relatives.predecessor, predecessor.receive() == .end {
      predecessor.close()
      relatives.predecessor = nil
      tell(.predecessorEnded)
    }
  }

  /// Starts the program on disk as another master, which gets the listening sockets. It reads its settings itself.
  func startSuccessor() {
    call("pre_exec", hooks.succeeding) { try $0() }
    do {
      let (ours, theirs) = try Handshake.pair()
      defer { theirs.close() }
      do {
        let pid = try Inheritance(
          slot: Int(getpid()), handshake: theirs.descriptor, scoreboard: scoreboard.descriptor,
          listeners: listeners.map(\.listener.descriptor)
        ).spawnSuccessor { (token) throws(Errno) in
          try ours.send(token)
          try ours.send(.files(listeners.indices.filter { listeners[$0].hasFile }))
        }
        relatives.successor = ours
        tell(.successorStarted(pid: pid))
      } catch {
        ours.close()
        throw error
      }
    } catch {
      tell(.successorFailed(reason: "\(error)"))
    }
  }

  /// The master before has ended, and this one is the only one.
  func promote() {
    ProcessTitle.master.set(configuration.name)
    do throws(Errno) {
      if let path = configuration.pidFile { try pidFile?.move(to: PidFile.wholeName(path)) }
    } catch {
      logger.error("The file '\(configuration.pidFile ?? "")' cannot be written: \(error)")
    }
  }
}
