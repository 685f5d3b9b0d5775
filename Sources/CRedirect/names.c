// getaddrinfo(3), getnameinfo(3): Green's resolver answers, and the fiber parks while name servers are asked.
//
// The list that getaddrinfo returns is laid out as glibc's, so that the C library's own freeaddrinfo frees it.

#define FAMILY GREEN_NAMES
#include "redirect.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

REAL(getaddrinfo)
REAL(getnameinfo)

static bool is_ascii(const char *text) {
  for (; text != NULL && *text != 0; text++) {
    if ((*text & 0x80) != 0) return false;
  }
  return true;
}

// ---- getaddrinfo --------------------------------------------------------------------------------------------------

struct question {
  const char *host, *service;
  const struct addrinfo *hints;
  struct addrinfo **list;
  int status, error;
};

static void ask(void *context) {
  struct question *question = context;
  question->status = real_getaddrinfo()(question->host, question->service, question->hints, question->list);
  question->error = errno;
}

REDIRECTED int getaddrinfo(const char *restrict host, const char *restrict service,
                           const struct addrinfo *restrict hints, struct addrinfo **restrict list) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_getaddrinfo()(host, service, hints, list);
  if (is_ascii(host) && is_ascii(service)) return table->address_info(host, service, hints, list);
  // Bytes of a character set that the C library alone knows.
  struct question question = {.host = host, .service = service, .hints = hints, .list = list};
  credirect_on_thread(table, ask, &question);
  errno = question.error;
  return question.status;
}

// ---- getnameinfo --------------------------------------------------------------------------------------------------

static bool is_internet(const struct sockaddr *address, socklen_t length) {
  if (length < sizeof address->sa_family) return false;
  if (address->sa_family == AF_INET) return length >= sizeof(struct sockaddr_in);
  return address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6);
}

REDIRECTED int getnameinfo(const struct sockaddr *restrict address, socklen_t length, char *restrict host,
                           socklen_t host_size, char *restrict service, socklen_t service_size, int flags) {
  const credirect_table *table = fiber_table();
  bool asks_for_name = host != NULL && host_size > 0 && (flags & NI_NUMERICHOST) == 0;
  // All else is found in this machine's files.
  if (table == NULL || !asks_for_name || !is_internet(address, length)) {
    return real_getnameinfo()(address, length, host, host_size, service, service_size, flags);
  }
  if (service != NULL && service_size > 0) {
    int status = real_getnameinfo()(address, length, NULL, 0, service, service_size, flags & ~NI_NAMEREQD);
    if (status != 0) return status;
  }
  return table->host_name(address, length, host, host_size, flags);
}
