#define _GNU_SOURCE

#include "cprocess_fork_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

static int to_master = -1;

int cprocess_fork_server_socket(void) { return to_master; }

int cprocess_fork_server_describe(int socket, const char *token, char *buffer, size_t size) {
  int length = snprintf(buffer, size, "%s=%d:%s", CPROCESS_FORK_SERVER_VARIABLE, socket, token);
  if (length >= 0 && (size_t)length < size) return length;
  errno = ENOSPC;
  return -1;
}

void cprocess_fork_server_capture(void) {
  char *value = getenv(CPROCESS_FORK_SERVER_VARIABLE), *token;
  if (!value) return;
  long socket = strtol(value, &token, 10);
  if (socket >= 3 && socket < 1 << 24 && *token == ':' && cprocess_takes_token((int)socket, token + 1)) {
    to_master = (int)socket;
    fcntl(to_master, F_SETFD, FD_CLOEXEC);
  }
  memset(value, 0, strlen(value));
  unsetenv(CPROCESS_FORK_SERVER_VARIABLE);
}

int cprocess_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

// The number of the child that a child makes, which the child between tells before it ends; -1 with errno.
static pid_t number_of_orphan(int from, pid_t between) {
  pid_t told[2] = {-1, EIO};
  ssize_t count = read(from, told, sizeof told);
  while (count < 0 && errno == EINTR) count = read(from, told, sizeof told);
  // When it has been reaped its child has been adopted.
  while (waitpid(between, NULL, 0) < 0 && errno == EINTR) continue;
  if (told[0] < 0) errno = told[1];
  return told[0];
}

pid_t cprocess_fork_sibling(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    pid_t orphan = fork();
    if (orphan == 0) {
      close(ends[0]);
      close(ends[1]);
      return 0;
    }
    pid_t told[2] = {orphan, errno};
    _exit(write(ends[1], told, sizeof told) == sizeof told ? 0 : 1);
  }
  int error = errno;
  close(ends[1]);
  if (child > 0) child = number_of_orphan(ends[0], child);
  else errno = error;
  error = errno;
  close(ends[0]);
  errno = error;
  return child;
}

int cprocess_become_worker(const cprocess_inheritance *inherited) {
  struct pollfd entry = {.fd = inherited->handshake, .events = POLLIN};
  while (poll(&entry, 1, -1) < 0 && errno == EINTR) continue;
  char word[16];
  if (recv(inherited->handshake, word, sizeof word, MSG_DONTWAIT) <= 0) return -1;
  // As a worker that the master has started itself: it does not live on without its master.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  cprocess_worker_inherit(inherited);
  to_master = -1;
  return 0;
}
