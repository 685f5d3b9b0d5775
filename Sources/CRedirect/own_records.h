#ifndef CREDIRECT_OWN_RECORDS_H
#define CREDIRECT_OWN_RECORDS_H

// Where the functions of databases.c and hosts.c that have no memory of their caller's put their results: memory of the
// calling fiber's, so that another fiber's call leaves them alone. It goes with the fiber.

#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <shadow.h>
#include <stdbool.h>
#include <stddef.h>

// HOST is what gethostbyname(3) and gethostbyaddr(3) find.
enum credirect_record { PASSWD, GROUP, SPWD, SERVENT, PROTOENT, NETENT, HOSTENT, HOST, RECORDS };

struct credirect_own_record {
  union {
    struct passwd passwd;
    struct group group;
    struct spwd spwd;
    struct servent servent;
    struct protoent protoent;
    struct netent netent;
    struct hostent hostent;
  } record;
  size_t size;
  char *buffer;  // what the record points into
};

// The calling fiber's, with a buffer, until the fiber ends. NULL when there is no memory.
struct credirect_own_record *credirect_own_record(enum credirect_record kind) __attribute__((visibility("hidden")));
// A larger buffer, for the next attempt. False, with the old one, when there is no memory.
bool credirect_own_record_grow(struct credirect_own_record *own) __attribute__((visibility("hidden")));

#endif
