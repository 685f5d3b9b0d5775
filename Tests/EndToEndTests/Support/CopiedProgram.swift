import TestSupport

/// Copies a program, by a process of its own. What this one writes cannot be executed (ETXTBSY) for as long as a child that
/// another test starts at that moment has the file open too, which is until that child executes its own program.
func copyProgram(_ program: String, to path: String) throws {
  let outcome = try Program("/bin/cp").run([program, path])
  guard outcome.status == 0 else { throw Failure("cp: \(outcome.errors)") }
}
