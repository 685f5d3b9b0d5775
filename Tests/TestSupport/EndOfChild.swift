internal import Glibc

/// How a child ends, a copy of this process, in which `isRight` says whether it exits with 0 or with 1; the status of wait(2).
///
/// Of the threads it has the caller's alone: what another had locked at that moment, in a library or in Swift's runtime, stays
/// locked in it. A child that comes upon such a lock waits for ever, which is no fault of what is tested: it is ended by SIGALRM,
/// and another one is made.
public func endOfChild(_ isRight: () -> Bool) -> CInt {
  var status: CInt = 0
  for _ in 0..<10 {
    let child = fork()
    if child == 0 {
      // Dispatch's threads block nearly all signals.
      var alarms = sigset_t()
      sigemptyset(&alarms)
      sigaddset(&alarms, SIGALRM)
      pthread_sigmask(SIG_UNBLOCK, &alarms, nil)
      alarm(20)
      _exit(isRight() ? 0 : 1)
    }
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    if status & 0x7f != SIGALRM { break }
  }
  return status
}
