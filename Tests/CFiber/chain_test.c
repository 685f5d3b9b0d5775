// Signals that are handed on to whoever handled them before.

#include "check.h"

#include <CSignalsChain.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sigaction before;

static void hand_on(int number, siginfo_t *information, void *context) {
  csignals_hand_on(&before, number, information, context);
}

// As Swift's backtracer and Python's faulthandler: the process is to go on to die.
static void tell_and_die(int number) { signal(number, SIG_DFL); }
static void tell_and_stay(int number) { (void)number; }

// How a child ends that is sent a signal which it hands on to `handler`.
static int end_of_child(int number, void (*handler)(int)) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(number, handler);
    csignals_take_over(number, hand_on, 0, &before);
    kill(getpid(), number);
    _exit(7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

static void a_signal_that_was_sent_ends_the_process_where_who_handled_it_wants_that(void) {
  int signals[] = {SIGABRT, SIGSEGV, SIGILL};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    int status = end_of_child(signals[i], tell_and_die);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
    status = end_of_child(signals[i], SIG_DFL);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
  }
}

static void it_does_not_where_who_handled_it_goes_on(void) {
  int status = end_of_child(SIGABRT, tell_and_stay);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  status = end_of_child(SIGABRT, SIG_IGN);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

void chain_tests(void) {
  RUN(a_signal_that_was_sent_ends_the_process_where_who_handled_it_wants_that);
  RUN(it_does_not_where_who_handled_it_goes_on);
}
