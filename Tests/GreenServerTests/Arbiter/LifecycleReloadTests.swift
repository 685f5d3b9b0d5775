import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LifecycleReloadTests {
  private static let limits = WorkerLifecycle.Limits(
    workers: 2, timeout: 30 * second, gracefulTimeout: 30 * second)

  /// Workers 1 and 2, and the spawning of 3 and 4, of generation 1.
  private func reloading() -> Course {
    var course = Course.ready(2)
    #expect(course.tell(.signal(SIGHUP)) == [.prepare(generation: 1)])
    #expect(course.tell(.prepared(Self.limits)) == [.spawn(slot: 2, generation: 1), .spawn(slot: 3, generation: 1)])
    #expect(course.tell(.spawned(slot: 2, pid: 3), .spawned(slot: 3, pid: 4)) == [])
    return course
  }

  @Test func `for each new worker that is ready the oldest goes, and none before`() {
    var course = reloading()
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.tell(.ready(slot: 3)) == [.kill(pid: 2, signal: SIGTERM)])
    #expect(course.tell(.ended(pid: 1, .exited(0)), .ended(pid: 2, .exited(0))) == [])
    #expect(course.log == ["info Handling signal: hup", "info Hang up: Master"])
    #expect(!course.lifecycle.isInUse(0) && course.lifecycle.isInUse(1))
    // The next takes the slots that are free.
    #expect(course.tell(.signal(SIGHUP)) == [.prepare(generation: 2)])
    #expect(course.tell(.prepared(Self.limits)) == [.spawn(slot: 0, generation: 2), .spawn(slot: 1, generation: 2)])
  }

  @Test func `where a new one cannot start the old ones stay, and the log says why`() {
    var course = reloading()
    #expect(
      course.tell(.startFailed(slot: 2, reason: "no database"), .ended(pid: 3, .exited(3)))
        == [.kill(pid: 4, signal: SIGTERM)])
    #expect(
      course.log.suffix(2) == [
        "error Worker (pid:3) failed to start: no database",
        "error The workers are not replaced, since a new one cannot start: no database",
      ])
    #expect(course.tell(.ended(pid: 4, .killed(signal: SIGTERM))) == [])
    #expect(course.lifecycle.isInUse(0) && !course.lifecycle.isInUse(1))
    // Whom they lose is replaced by their own kind.
    _ = course.pass(5 * second)
    #expect(course.tell(.ended(pid: 1, .exited(1))) == [.spawn(slot: 0)])
    #expect(course.tell(.signal(SIGHUP)) == [.prepare(generation: 2)])
  }

  @Test func `one of the new ones that hangs in its start is not waited for as one that serves`() {
    var course = reloading()
    _ = course.tell(.startFailed(slot: 2, reason: "no database"))
    #expect(course.tell(.ended(pid: 3, .exited(3))) == [.kill(pid: 4, signal: SIGTERM)])
    #expect(course.pass(2 * second) == [.kill(pid: 4, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 4, .killed(signal: SIGKILL))) == [])
    #expect(course.log.last == "error The workers are not replaced, since a new one cannot start: no database")
  }

  @Test func `an old worker that dies meanwhile is replaced by its own kind`() {
    var course = reloading()
    _ = course.pass(5 * second)
    #expect(course.tell(.ended(pid: 1, .exited(1))) == [.spawn(slot: 0)])
    _ = course.tell(.spawned(slot: 0, pid: 5))
    // Which is the first to go, as it does not serve yet.
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 5, signal: SIGTERM)])
  }

  @Test func `a program that is not there, or settings that are wrong, change nothing`() {
    var course = Course.ready(2)
    _ = course.tell(.signal(SIGHUP))
    #expect(course.tell(.prepareFailed(reason: "no such file")) == [])
    #expect(course.log.last == "error Cannot reload: no such file")
    #expect(course.tell(.signal(SIGHUP)) == [.prepare(generation: 1)])
  }

  @Test func `while it is not known whether the program can be started, which may take long, the server reloads`() {
    var course = Course.ready(1)
    #expect(course.lifecycle.serviceState.phase == .serving)
    _ = course.tell(.signal(SIGHUP))
    _ = course.pass(60 * second)
    #expect(course.lifecycle.serviceState.phase == .reloading)
    _ = course.tell(.prepareFailed(reason: "no such file"))
    #expect(course.lifecycle.serviceState.phase == .serving)
    _ = course.tell(.signal(SIGHUP))
    _ = course.tell(.prepared(Self.limits))
    #expect(course.lifecycle.serviceState.phase == .reloading)
  }

  @Test func `a reload that is asked for before it is known whether the last can start comes after it`() {
    var course = reloading()
    #expect(course.tell(.signal(SIGHUP)) == [])
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 1, signal: SIGTERM), .prepare(generation: 2)])
    #expect(course.tell(.prepared(Self.limits)) == [.spawn(slot: 4, generation: 2), .spawn(slot: 5, generation: 2)])
  }

  @Test func `what TTIN has added is forgotten, and the settings' number counts`() {
    var course = Course.ready(1, graceful: second)
    _ = course.tell(.signal(SIGTTIN), .spawned(slot: 1, pid: 2), .ready(slot: 1), .signal(SIGHUP))
    let one = WorkerLifecycle.Limits(workers: 1, timeout: 0, gracefulTimeout: 30 * second)
    #expect(course.tell(.prepared(one)) == [.spawn(slot: 2, generation: 1)])
    _ = course.tell(.spawned(slot: 2, pid: 3))
    #expect(
      course.tell(.ready(slot: 2)) == [.kill(pid: 1, signal: SIGTERM), .kill(pid: 2, signal: SIGTERM)].reversed())
    #expect(course.pass(second) == [.kill(pid: 1, signal: SIGKILL), .kill(pid: 2, signal: SIGKILL)])
  }

  @Test func `an old worker has the time that its own settings give it`() {
    var course = Course.ready(1, timeout: 8 * second, graceful: 20 * second)
    _ = course.tell(.signal(SIGHUP))
    _ = course.tell(.prepared(.init(workers: 1, timeout: second, gracefulTimeout: second)))
    #expect(course.tell(.spawned(slot: 1, pid: 2)) == [])
    course.now += 2 * second
    #expect(course.tell(.heartbeat(slot: 1, at: course.now), .tick) == [])
    #expect(course.tell(.ready(slot: 1)) == [.kill(pid: 1, signal: SIGTERM)])
    course.now += 19 * second
    #expect(course.tell(.heartbeat(slot: 1, at: course.now), .tick) == [])
    #expect(course.lifecycle.nextWake == course.now + second)
    #expect(course.pass(second).contains(.kill(pid: 1, signal: SIGKILL)))
    #expect(
      course.log.suffix(2) == [
        "info Hang up: Master", "warning Worker (pid:1) has not finished within the graceful timeout and is killed",
      ])
  }

  @Test func `a server that stops reloads nothing`() {
    var course = reloading()
    _ = course.tell(.signal(SIGTERM))
    #expect(course.tell(.ready(slot: 2)) == [])
    #expect(course.tell(.signal(SIGHUP)) == [])
  }
}
