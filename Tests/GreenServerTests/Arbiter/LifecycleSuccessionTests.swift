import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LifecycleSuccessionTests {
  private func succeeded(hasTerminal: Bool = false) -> Course {
    var course = Course(
      .init(workers: 2, timeout: 30 * second, gracefulTimeout: 30 * second), hasTerminal: hasTerminal
    ).started()
    #expect(course.tell(.signal(SIGUSR2)) == [.startSuccessor])
    #expect(course.tell(.successorStarted(pid: 9), .successorReady) == [])
    return course
  }

  @Test func `USR2 starts another master, and no third`() {
    var course = succeeded()
    #expect(course.lifecycle.sharesSockets)
    #expect(course.tell(.signal(SIGUSR2)) == [])
    #expect(
      course.log == [
        "info Handling signal: usr2", "info New master with pid: 9",
        "info The new master (pid:9) serves: TERM or QUIT ends this one, or TERM that one.",
        "info Handling signal: usr2", "warning USR2 signal ignored. Child exists.",
      ])
    var successor = Course(.init(workers: 1, timeout: 0, gracefulTimeout: 0), isSuccessor: true).started()
    #expect(successor.tell(.signal(SIGUSR2)) == [])
    #expect(successor.log.last == "warning USR2 signal ignored. Parent exists.")
  }

  @Test func `when the old master has ended the new one is promoted`() {
    var course = Course(.init(workers: 1, timeout: 0, gracefulTimeout: 0), isSuccessor: true).started()
    #expect(course.lifecycle.sharesSockets)
    #expect(course.tell(.predecessorEnded) == [.promote])
    #expect(!course.lifecycle.sharesSockets)
    #expect(course.log == ["info Master has been promoted."])
    #expect(course.tell(.signal(SIGUSR2)) == [.startSuccessor])
  }

  @Test func `a new master that cannot start, or ends, leaves everything as it was`() {
    var course = Course.ready(1)
    _ = course.tell(.signal(SIGUSR2))
    #expect(course.tell(.successorFailed(reason: "no such file")) == [])
    #expect(course.log.last == "error Cannot start a new master: no such file")
    _ = course.tell(.signal(SIGUSR2), .successorStarted(pid: 9))
    #expect(course.tell(.ended(pid: 9, .exited(3))) == [])
    #expect(course.log.last == "error The new master (pid:9) exited with code 3 before it served: this one goes on.")
    #expect(!course.lifecycle.sharesSockets)
    #expect(course.tell(.signal(SIGUSR2)) == [.startSuccessor])
  }

  @Test func `WINCH leaves the work to the new master, and HUP takes it back`() {
    var course = succeeded()
    #expect(
      course.tell(.signal(SIGWINCH)) == [.kill(pid: 2, signal: SIGTERM), .kill(pid: 1, signal: SIGTERM)])
    #expect(course.log.last == "info graceful stop of workers")
    #expect(course.tell(.ended(pid: 1, .exited(0)), .ended(pid: 2, .exited(0)), .signal(SIGTTOU)) == [])
    #expect(course.pass(second) == [])
    // Of the program that this master runs, and not of the one on disk.
    #expect(course.tell(.signal(SIGHUP)) == [.spawn(slot: 0), .spawn(slot: 1)])
  }

  @Test func `when the new master ends the workers that have left come back`() {
    var course = succeeded()
    _ = course.tell(.signal(SIGWINCH), .ended(pid: 1, .exited(0)), .ended(pid: 2, .exited(0)))
    #expect(course.tell(.ended(pid: 9, .killed(signal: SIGKILL))) == [.spawn(slot: 0), .spawn(slot: 1)])
    #expect(course.log.last == "error The new master (pid:9) was killed by SIGKILL: this one goes on.")
  }

  @Test func `WINCH takes a reload back that has not begun to serve`() {
    var course = Course(
      .init(workers: 1, timeout: 0, gracefulTimeout: 30 * second), hasTerminal: false
    ).started()
    _ = course.tell(.signal(SIGHUP), .prepared(.init(workers: 3, timeout: 0, gracefulTimeout: second)))
    _ = course.tell(.spawned(slot: 1, pid: 2), .spawned(slot: 2, pid: 3), .spawned(slot: 3, pid: 4))
    #expect(
      course.tell(.signal(SIGWINCH)) == [4, 3, 2, 1].map { .kill(pid: $0, signal: SIGTERM) })
    for pid in pid_t(1)...4 { _ = course.tell(.ended(pid: pid, .exited(0))) }
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 0)])
  }
}
