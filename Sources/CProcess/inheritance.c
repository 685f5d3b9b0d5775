#define _GNU_SOURCE

#include "cprocess_inheritance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cprocess_fork_server.h"
#include "cprocess_owner.h"
#include "internal.h"

#define FORMAT 1  // the version of the variable's format

typedef struct inheritor {
  const char *variable;
  cprocess_inheritance inherited;
  bool is_believed;
} inheritor;

static inheritor worker = {.variable = CPROCESS_WORKER_VARIABLE};
static inheritor successor = {.variable = CPROCESS_SUCCESSOR_VARIABLE};

static bool is_named(const char *entry, const char *name) {
  const size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

bool cprocess_is_own_variable(const char *entry) {
  return is_named(entry, worker.variable) || is_named(entry, successor.variable) ||
         is_named(entry, CPROCESS_FORK_SERVER_VARIABLE) || is_named(entry, CPROCESS_OWNER_VARIABLE) || is_named(entry, CPROCESS_DAEMON_VARIABLE);
}

const cprocess_inheritance *cprocess_worker_inheritance(void) { return worker.is_believed ? &worker.inherited : NULL; }
const cprocess_inheritance *cprocess_successor_inheritance(void) {
  return successor.is_believed ? &successor.inherited : NULL;
}

void cprocess_worker_inherit(const cprocess_inheritance *inherited) {
  worker.inherited = *inherited;
  worker.is_believed = true;
}

int cprocess_token_create(char token[CPROCESS_TOKEN_BYTES + 1]) {
  unsigned char bytes[CPROCESS_TOKEN_BYTES / 2];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return -1;
  for (size_t i = 0; i < sizeof bytes; i++) snprintf(token + 2 * i, 3, "%02x", bytes[i]);
  return 0;
}

// "VERSION:SLOT:HANDSHAKE:SCOREBOARD:LISTENER,LISTENER:TOKEN"
int cprocess_inheritance_describe(
    const char *variable, const cprocess_inheritance *from, const char *token, char *buffer, size_t size) {
  if (from->listener_count < 0 || from->listener_count > CPROCESS_LISTENER_LIMIT || strlen(token) != CPROCESS_TOKEN_BYTES) {
    errno = EINVAL;
    return -1;
  }
  FILE *stream = fmemopen(buffer, size, "w");
  if (!stream) return -1;
  fprintf(stream, "%s=%d:%d:%d:%d:", variable, FORMAT, from->slot, from->handshake, from->scoreboard);
  for (int i = 0; i < from->listener_count; i++) fprintf(stream, "%s%d", i ? "," : "", from->listeners[i]);
  int written = fprintf(stream, ":%s", token) < 0 ? -1 : (int)ftell(stream);
  if (fclose(stream) != 0) written = -1;
  if (written < 0 || (size_t)written >= size) {
    errno = ENOSPC;
    return -1;
  }
  return written;
}

// A number of at most seven digits and the character after it; -1 when there is none.
static int read_number(const char **cursor, char *separator) {
  int value = 0, digits = 0;
  while (**cursor >= '0' && **cursor <= '9' && digits < 7) {
    value = value * 10 + (*(*cursor)++ - '0');
    digits++;
  }
  if (digits == 0 || !**cursor) return -1;
  *separator = *(*cursor)++;
  return value;
}

int cprocess_inheritance_parse(const char *value, cprocess_inheritance *into, char token[CPROCESS_TOKEN_BYTES + 1]) {
  char separator;
  if (read_number(&value, &separator) != FORMAT || separator != ':') return -1;
  if ((into->slot = read_number(&value, &separator)) < 0 || separator != ':') return -1;
  if ((into->handshake = read_number(&value, &separator)) < 3 || separator != ':') return -1;
  if ((into->scoreboard = read_number(&value, &separator)) < 3 || separator != ':') return -1;
  into->listener_count = 0;
  do {
    if (into->listener_count == CPROCESS_LISTENER_LIMIT) return -1;
    int listener = read_number(&value, &separator);
    if (listener < 3) return -1;
    into->listeners[into->listener_count++] = listener;
  } while (separator == ',');
  if (separator != ':' || strlen(value) != CPROCESS_TOKEN_BYTES) return -1;
  if (strspn(value, "0123456789abcdef") != CPROCESS_TOKEN_BYTES) return -1;
  memcpy(token, value, CPROCESS_TOKEN_BYTES + 1);
  return 0;
}

bool cprocess_takes_token(int handshake, const char *token) {
  char waiting[CPROCESS_TOKEN_BYTES + 1];
  if (strlen(token) != CPROCESS_TOKEN_BYTES) return false;
  ssize_t count = recv(handshake, waiting, sizeof waiting, MSG_DONTWAIT | MSG_PEEK);
  if (count != CPROCESS_TOKEN_BYTES || memcmp(waiting, token, CPROCESS_TOKEN_BYTES) != 0) return false;
  return recv(handshake, waiting, sizeof waiting, MSG_DONTWAIT) == CPROCESS_TOKEN_BYTES;
}

static bool is_listening(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

// From here on no child of the worker gets them.
static void keep_from_children(int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags >= 0) fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

static void capture(inheritor *who) {
  char *value = getenv(who->variable);
  if (!value) return;
  cprocess_inheritance *inherited = &who->inherited;
  char token[CPROCESS_TOKEN_BYTES + 1];
  bool believed = cprocess_inheritance_parse(value, inherited, token) == 0 && cprocess_takes_token(inherited->handshake, token);
  for (int i = 0; believed && i < inherited->listener_count; i++) believed = is_listening(inherited->listeners[i]);
  memset(value, 0, strlen(value));
  unsetenv(who->variable);
  if (believed) {
    keep_from_children(inherited->handshake);
    keep_from_children(inherited->scoreboard);
    for (int i = 0; i < inherited->listener_count; i++) keep_from_children(inherited->listeners[i]);
  }
  who->is_believed = believed;
}

void cprocess_inheritance_capture(void) {
  int saved_errno = errno;
  capture(&worker);
  capture(&successor);
  errno = saved_errno;
}
