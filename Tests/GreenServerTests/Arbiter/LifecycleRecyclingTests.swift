import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LifecycleRecyclingTests {
  @Test func `a worker that has served enough goes when another serves in its place`() {
    var course = Course.ready(2)
    #expect(course.tell(.due(slot: 1, reason: "it has had 50 requests")) == [.spawn(slot: 2)])
    #expect(course.log == ["info Worker (pid:2) is to be replaced: it has had 50 requests"])
    #expect(course.tell(.spawned(slot: 2, pid: 3)) == [])
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 2, signal: SIGTERM)])
    #expect(course.tell(.ended(pid: 2, .exited(0))) == [])
    #expect(course.pass(second) == [])
  }

  @Test func `where all have served enough at once one is replaced at a time, the oldest first`() {
    var course = Course.ready(3)
    var pid: pid_t = 3
    var actions = course.tell(
      .due(slot: 2, reason: "it is old"), .due(slot: 0, reason: "it is old"), .due(slot: 1, reason: "it is old"))
    // The first that said so, then by age.
    for oldest in [pid_t(3), 1, 2] {
      guard case .spawn(let slot, _)? = actions.first, actions.count == 1 else {
        Issue.record("no successor, but \(actions)")
        return
      }
      pid += 1
      #expect(course.tell(.spawned(slot: slot, pid: pid)) == [])
      #expect(course.tell(.ready(slot: slot)) == [.kill(pid: oldest, signal: SIGTERM)])
      #expect(course.pass(second) == [], "it finishes what it does")
      actions = course.tell(.ended(pid: oldest, .exited(0)))
    }
    #expect(actions == [])
  }

  @Test func `where its successor cannot start it serves on`() {
    var course = Course.ready(1)
    #expect(course.tell(.due(slot: 0, reason: "it is old")) == [.spawn(slot: 1)])
    _ = course.tell(.spawned(slot: 1, pid: 2))
    #expect(course.tell(.startFailed(slot: 1, reason: "no database"), .ended(pid: 2, .exited(3))) == [])
    #expect(course.log.last == "error Worker (pid:2) failed to start: no database")
    #expect(course.pass(second) == [.spawn(slot: 1)])
    _ = course.tell(.spawned(slot: 1, pid: 3))
    #expect(course.tell(.ready(slot: 1)) == [.kill(pid: 1, signal: SIGTERM)])
  }

  @Test func `one that dies before its successor serves has only that one`() {
    var course = Course.ready(1)
    _ = course.pass(5 * second)
    _ = course.tell(.due(slot: 0, reason: "it is old"), .spawned(slot: 1, pid: 2))
    #expect(course.tell(.ended(pid: 1, .exited(1))) == [])
    #expect(course.tell(.ready(slot: 1)) == [])
  }

  @Test func `nobody is replaced while a place is empty, or a reload goes on`() {
    var course = Course.ready(2)
    _ = course.pass(5 * second)
    #expect(course.tell(.ended(pid: 1, .exited(1))) == [.spawn(slot: 0)])
    #expect(course.tell(.due(slot: 1, reason: "it is old")) == [])
    _ = course.tell(.spawned(slot: 0, pid: 3))
    #expect(course.tell(.ready(slot: 0)) == [.spawn(slot: 2)])
    _ = course.tell(.spawned(slot: 2, pid: 4))
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 2, signal: SIGTERM)])

    course = .ready(1)
    _ = course.tell(.signal(SIGHUP), .prepared(.init(workers: 1, timeout: 0, gracefulTimeout: second)))
    #expect(course.tell(.due(slot: 0, reason: "it is old")) == [])
  }

  @Test func `a worker has an age, which the master watches`() {
    var course = Course(.init(workers: 2, timeout: 0, gracefulTimeout: 30 * second, maxAge: 60 * second)).started()
    #expect(course.lifecycle.nextWake == course.now + 60 * second)
    #expect(course.pass(60 * second) == [.spawn(slot: 2)])
    #expect(course.log == ["info Worker (pid:1) is to be replaced: it has served for 60 s"])
    _ = course.tell(.spawned(slot: 2, pid: 3))
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.tell(.ended(pid: 1, .exited(0))) == [.spawn(slot: 0)])
  }

  @Test func `TTOU and TTIN count as ever meanwhile`() {
    var course = Course.ready(2)
    #expect(course.tell(.due(slot: 0, reason: "it is old")) == [.spawn(slot: 2)])
    _ = course.tell(.spawned(slot: 2, pid: 3))
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 3)])
    _ = course.tell(.spawned(slot: 3, pid: 4))
    #expect(course.tell(.ready(slot: 3)) == [])
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.tell(.signal(SIGTTOU)) == [.kill(pid: 2, signal: SIGTERM)])
  }
}
