#define _GNU_SOURCE

#include "cprocess_owner.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

#define MOST_GROUPS 4096

// Tells the master, as Swift would, and ends.
static _Noreturn void refuse(int handshake, const char *call, unsigned long number) {
  char text[160];
  int error = errno;
  int length = snprintf(
      text, sizeof text, "failed it cannot become its user or group: %s(%lu): %s", call, number, strerror(error));
  if (length > 0) send(handshake, text, (size_t)length, MSG_NOSIGNAL);
  _exit(3);
}

static unsigned long number_at(char **cursor, char separator) {
  unsigned long number = strtoul(*cursor, cursor, 10);
  if (**cursor == separator) ++*cursor;
  return number;
}

static void become(char *text, int handshake) {
  uid_t user = (uid_t)number_at(&text, ':');
  gid_t group = (gid_t)number_at(&text, ':');
  if (geteuid() == 0) {
    static gid_t groups[MOST_GROUPS];
    size_t count = 0;
    while (*text >= '0' && *text <= '9' && count < MOST_GROUPS) groups[count++] = (gid_t)number_at(&text, ',');
    if (setgroups(count, groups) != 0) refuse(handshake, "setgroups", count);
  }
  // The group first: afterwards there is no right to it.
  if (group != getegid() && setresgid(group, group, group) != 0) refuse(handshake, "setresgid", group);
  if (user != geteuid() && setresuid(user, user, user) != 0) refuse(handshake, "setresuid", user);
}

void cprocess_owner_take(int handshake) {
  char *value = getenv(CPROCESS_OWNER_VARIABLE);
  if (!value) return;
  int saved_errno = errno;
  if (handshake >= 0) {
    become(value, handshake);
    // The kernel takes both away with a change of user: prctl(2). Nothing secret is in memory yet.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  }
  unsetenv(CPROCESS_OWNER_VARIABLE);
  errno = saved_errno;
}
