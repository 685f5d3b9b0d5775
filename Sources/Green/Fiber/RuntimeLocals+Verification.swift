internal import CFiber

extension RuntimeLocals {
  /// Two fibers that interleave a job, a task-local scope and an access, and look whether each sees its own.
  ///
  /// The order of the checks matters: where the words are wrong, a difference shows as a value before the runtime would
  /// abort, and from then on both fibers leave what they are in last in, first out.
  final class Verification {
    private let pool: OpaquePointer
    private let root: FiberPointer
    private var fibers: [FiberPointer] = []
    private var difference: String?
    private var isSafe: Bool?
    private let shared = RuntimeMarks.Box()

    init(pool: OpaquePointer) {
      self.pool = pool
      root = cfiber_thread_root()!
    }

    /// What went wrong, `nil` when all was as it should be.
    func run() -> String? {
      for entry: cfiber_entry in [{ Verification.enter($0!, 0) }, { Verification.enter($0!, 1) }] {
        guard let fiber = cfiber_create(pool, entry, Unmanaged.passUnretained(self).toOpaque()) else {
          for fiber in fibers { cfiber_recycle(pool, fiber) }
          return "no stack for the verification"
        }
        // The runtime's own locks must not be waited for in a hub that these fibers do not have.
        fiber.pointee.bypass = 1
        fibers.append(fiber)
      }
      // Fiber 0 comes back here when it is through, and then fiber 1 does.
      cfiber_switch(fibers[0])
      cfiber_switch(fibers[1])
      for fiber in fibers { cfiber_recycle(pool, fiber) }
      fibers = []
      return difference
    }

    private static func enter(_ argument: UnsafeMutableRawPointer, _ index: Int) {
      let verification = Unmanaged<Verification>.fromOpaque(argument)
      perform(verification, index)
      cfiber_finish(cfiber_thread_root())
    }

    @inline(never)
    private static func perform(_ verification: Unmanaged<Verification>, _ index: Int) {
      let verification = verification.takeUnretainedValue()
      let (mine, other) = (index + 1, verification.fibers[1 - index])
      verification.checkOutside(mine, "at its start")
      verification.scope(mine, other)
      verification.job(mine, other)
      // Decided once for both: they must switch equally often.
      if verification.isSafe == nil { verification.isSafe = verification.difference == nil }
      if verification.isSafe == true { verification.access(other) }
      verification.checkOutside(mine, "at its end")
    }

    private func check(_ isRight: Bool, _ what: String) {
      if !isRight && difference == nil { difference = "a probe fiber saw \(what)" }
    }

    private func checkOutside(_ mine: Int, _ when: String) {
      check(RuntimeMarks.number == 0, "a task-local that is not its own \(when)")
      check(withUnsafeCurrentTask { $0 == nil }, "a task that is not its own \(when)")
    }

    /// A task-local scope open across switches in both fibers.
    private func scope(_ mine: Int, _ other: FiberPointer) {
      RuntimeMarks.$number.withValue(mine) {
        cfiber_switch(other)
        check(RuntimeMarks.number == mine, "another's task-local")
        cfiber_switch(other)
        check(RuntimeMarks.number == mine, "another's task-local")
      }
      check(RuntimeMarks.number == 0, "a task-local after its scope")
    }

    /// A job that is switched out of while the other fiber runs one too.
    private func job(_ mine: Int, _ other: FiberPointer) {
      RuntimeMarks.insideJob { [self] in
        let task = withUnsafeCurrentTask { $0?.hashValue }
        check(task != nil, "no task in its job")
        cfiber_switch(other)
        check(withUnsafeCurrentTask { $0?.hashValue } == task, "another's task in its job")
        if difference == nil {
          RuntimeMarks.$number.withValue(mine * 10) {
            cfiber_switch(other)
            check(RuntimeMarks.number == mine * 10, "another's task-local in its job")
          }
        } else {
          cfiber_switch(other)
        }
        check(withUnsafeCurrentTask { $0?.hashValue } == task, "another's task in its job")
      }
    }

    /// An access to one and the same property, open in both fibers at once: on one thread the runtime aborts at that,
    /// unless each fiber has a set of its own.
    private func access(_ other: FiberPointer) {
      RuntimeMarks.insideAccess(to: shared) {
        cfiber_switch(other)
        cfiber_switch(other)
      }
    }
  }
}
