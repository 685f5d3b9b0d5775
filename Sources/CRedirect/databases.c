// getpwnam(3), getgrnam, getspnam, getservbyname, getprotobyname, getnetbyname and their kin, getgrouplist, innetgr: what
// modules of nsswitch.conf(5) know, which may have to ask a server. They wait inside glibc, some with its locks held, so a
// thread makes the call. Nothing ends such a call early but the module.
//
// The results of those without _r belong to the fiber: another fiber's call leaves them alone.

#define FAMILY GREEN_NAMES
#include "redirect.h"

#include "own_records.h"

#include <string.h>

// ---- Any of these functions, on another thread --------------------------------------------------------------------

// All take whole numbers and pointers, which are passed alike, and need not look at all that are passed (x86-64 and AArch64
// procedure call standards).
#define MOST 8
typedef long (*function)(long, long, long, long, long, long, long, long);
#define ANY(name, ...) any((function)(void *)real_##name(), (const long[MOST]){__VA_ARGS__})
#define V(value) ((long)(value))

struct errand {
  function call;
  const long *values;
  long result;
  int error, host_error;
};

static void run(void *context) {
  struct errand *errand = context;
  const long *v = errand->values;
  errno = errand->error;
  h_errno = errand->host_error;
  errand->result = errand->call(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  errand->error = errno;
  errand->host_error = h_errno;
}

static long any(function call, const long *values) {
  const credirect_table *table = fiber_table();
  struct errand errand = {call, values, 0, errno, h_errno};
  if (table == NULL) run(&errand);
  else credirect_on_thread(table, run, &errand);
  errno = errand.error;
  h_errno = errand.host_error;
  return errand.result;
}

// Finds by `call`, whose name ends with _r: keys, and then record, buffer, size, result, and h_errno where it takes one.
static void *find(enum credirect_record kind, function call, const long *keys, size_t count) {
  struct credirect_own_record *own = credirect_own_record(kind);
  if (own == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  for (;;) {
    void *found = NULL;
    int host_error = 0;
    long values[MOST] = {0};
    memcpy(values, keys, count * sizeof *keys);
    const long rest[] = {V(&own->record), V(own->buffer), V(own->size), V(&found), V(&host_error)};
    memcpy(values + count, rest, sizeof rest);
    int status = (int)any(call, values);
    bool is_small = status == ERANGE || (status == -1 && errno == ERANGE);
    if (is_small && credirect_own_record_grow(own)) continue;
    if (found == NULL && status > 0) errno = status;
    if (found == NULL && (kind == NETENT || kind == HOSTENT)) h_errno = host_error;
    return found;
  }
}

// ---- The entry points ---------------------------------------------------------------------------------------------

#define FIND(name, record, ...)                                                                  \
  find(record, (function)(void *)real_##name##_r(), (const long[]){__VA_ARGS__},                 \
       sizeof(const long[]){__VA_ARGS__} / sizeof(long))

// name(key) and name_r(key, …).
#define BY_ONE(name, type, record, key_type)                                                     \
  REAL(name)                                                                                     \
  REAL(name##_r)                                                                                 \
  REDIRECTED int name##_r(key_type key, struct type *into, char *buffer, size_t size,            \
                          struct type **found) {                                                 \
    return (int)ANY(name##_r, V(key), V(into), V(buffer), V(size), V(found));                    \
  }                                                                                              \
  REDIRECTED struct type *name(key_type key) {                                                   \
    return fiber_table() == NULL ? real_##name()(key) : FIND(name, record, V(key));              \
  }

// The same with two keys.
#define BY_TWO(name, type, record, key_type, other_type)                                         \
  REAL(name)                                                                                     \
  REAL(name##_r)                                                                                 \
  REDIRECTED int name##_r(key_type key, other_type other, struct type *into, char *buffer,       \
                          size_t size, struct type **found) {                                    \
    return (int)ANY(name##_r, V(key), V(other), V(into), V(buffer), V(size), V(found));          \
  }                                                                                              \
  REDIRECTED struct type *name(key_type key, other_type other) {                                 \
    return fiber_table() == NULL ? real_##name()(key, other)                                     \
                                 : FIND(name, record, V(key), V(other));                         \
  }

// One after the other: the place is the process's.
#define NEXT(name, type, record)                                                                 \
  REAL(name)                                                                                     \
  REAL(name##_r)                                                                                 \
  REDIRECTED int name##_r(struct type *into, char *buffer, size_t size, struct type **found) {   \
    return (int)ANY(name##_r, V(into), V(buffer), V(size), V(found));                            \
  }                                                                                              \
  REDIRECTED struct type *name(void) {                                                           \
    if (fiber_table() == NULL) return real_##name()();                                           \
    return find(record, (function)(void *)real_##name##_r(), NULL, 0);                           \
  }

#define PLAIN(name)                                                                              \
  REAL(name)                                                                                     \
  REDIRECTED void name(void) { ANY(name, 0); }

#define STAYING(name)                                                                            \
  REAL(name)                                                                                     \
  REDIRECTED void name(int stays_open) { ANY(name, V(stays_open)); }

BY_ONE(getpwnam, passwd, PASSWD, const char *)
BY_ONE(getpwuid, passwd, PASSWD, uid_t)
NEXT(getpwent, passwd, PASSWD)
PLAIN(setpwent)
PLAIN(endpwent)

BY_ONE(getgrnam, group, GROUP, const char *)
BY_ONE(getgrgid, group, GROUP, gid_t)
NEXT(getgrent, group, GROUP)
PLAIN(setgrent)
PLAIN(endgrent)

BY_ONE(getspnam, spwd, SPWD, const char *)
NEXT(getspent, spwd, SPWD)
PLAIN(setspent)
PLAIN(endspent)

BY_TWO(getservbyname, servent, SERVENT, const char *, const char *)
BY_TWO(getservbyport, servent, SERVENT, int, const char *)
NEXT(getservent, servent, SERVENT)
STAYING(setservent)
PLAIN(endservent)

BY_ONE(getprotobyname, protoent, PROTOENT, const char *)
BY_ONE(getprotobynumber, protoent, PROTOENT, int)
NEXT(getprotoent, protoent, PROTOENT)
STAYING(setprotoent)
PLAIN(endprotoent)

// Those of networks and hosts tell of h_errno too.
REAL(getnetbyname)
REAL(getnetbyname_r)
REAL(getnetbyaddr)
REAL(getnetbyaddr_r)
REAL(getnetent)
REAL(getnetent_r)
REAL(gethostent)
REAL(gethostent_r)

REDIRECTED int getnetbyname_r(const char *name, struct netent *into, char *buffer, size_t size, struct netent **found,
                              int *host_error) {
  return (int)ANY(getnetbyname_r, V(name), V(into), V(buffer), V(size), V(found), V(host_error));
}

REDIRECTED struct netent *getnetbyname(const char *name) {
  return fiber_table() == NULL ? real_getnetbyname()(name) : FIND(getnetbyname, NETENT, V(name));
}

REDIRECTED int getnetbyaddr_r(uint32_t net, int type, struct netent *into, char *buffer, size_t size,
                              struct netent **found, int *host_error) {
  return (int)ANY(getnetbyaddr_r, V(net), V(type), V(into), V(buffer), V(size), V(found), V(host_error));
}

REDIRECTED struct netent *getnetbyaddr(uint32_t net, int type) {
  return fiber_table() == NULL ? real_getnetbyaddr()(net, type) : FIND(getnetbyaddr, NETENT, V(net), V(type));
}

REDIRECTED int getnetent_r(struct netent *into, char *buffer, size_t size, struct netent **found, int *host_error) {
  return (int)ANY(getnetent_r, V(into), V(buffer), V(size), V(found), V(host_error));
}

REDIRECTED struct netent *getnetent(void) {
  if (fiber_table() == NULL) return real_getnetent()();
  return find(NETENT, (function)(void *)real_getnetent_r(), NULL, 0);
}

REDIRECTED int gethostent_r(struct hostent *into, char *buffer, size_t size, struct hostent **found, int *host_error) {
  return (int)ANY(gethostent_r, V(into), V(buffer), V(size), V(found), V(host_error));
}

REDIRECTED struct hostent *gethostent(void) {
  if (fiber_table() == NULL) return real_gethostent()();
  return find(HOSTENT, (function)(void *)real_gethostent_r(), NULL, 0);
}

STAYING(setnetent)
PLAIN(endnetent)
STAYING(sethostent)
PLAIN(endhostent)

// ---- Groups of users and of hosts ---------------------------------------------------------------------------------

REAL(getgrouplist)
REAL(initgroups)
REAL(innetgr)
REAL(setnetgrent)
REAL(getnetgrent)
REAL(getnetgrent_r)

REDIRECTED int getgrouplist(const char *user, gid_t group, gid_t *groups, int *count) {
  return (int)ANY(getgrouplist, V(user), V(group), V(groups), V(count));
}

REDIRECTED int initgroups(const char *user, gid_t group) { return (int)ANY(initgroups, V(user), V(group)); }

REDIRECTED int innetgr(const char *netgroup, const char *host, const char *user, const char *domain) {
  return (int)ANY(innetgr, V(netgroup), V(host), V(user), V(domain));
}

REDIRECTED int setnetgrent(const char *netgroup) { return (int)ANY(setnetgrent, V(netgroup)); }

REDIRECTED int getnetgrent(char **host, char **user, char **domain) {
  return (int)ANY(getnetgrent, V(host), V(user), V(domain));
}

REDIRECTED int getnetgrent_r(char **host, char **user, char **domain, char *buffer, size_t size) {
  return (int)ANY(getnetgrent_r, V(host), V(user), V(domain), V(buffer), V(size));
}

PLAIN(endnetgrent)
