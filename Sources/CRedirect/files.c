// Files: pread(2), pwrite(2), preadv(2), pwritev(2), and the long transfers of the other calls.
//
// The kernel has no way to wait for a disk beside the call itself. What lies in its cache it gives at once
// (RWF_NOWAIT); a long transfer that would wait for the disk is made by a thread of the offload pool, and so is one so long
// that its copying alone would keep the others waiting; a short one here.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

REAL(pread)
REAL(pwrite)
REAL(preadv)
REAL(pwritev)
REAL(preadv2)
REAL(pwritev2)

static _Atomic size_t offload_from = SIZE_MAX;

void credirect_set_file_offload(size_t bytes) { atomic_store(&offload_from, bytes); }

bool credirect_is_long(size_t bytes) { return bytes >= atomic_load_explicit(&offload_from, memory_order_relaxed); }

struct transfer {
  __typeof__(preadv2) *call;
  int fd;
  const struct iovec *parts;
  int count;
  off_t offset;
  int flags;
};

static ssize_t perform(void *context) {
  const struct transfer *transfer = context;
  return transfer->call(transfer->fd, transfer->parts, transfer->count, transfer->offset, transfer->flags);
}

static ssize_t transfer(const credirect_table *table, struct transfer *transfer, struct rest *rest) {
  size_t count = (size_t)transfer->count, wanted = credirect_total(transfer->parts, count);
  if (!credirect_is_long(wanted)) return perform(transfer);
  if (wanted > HELD_TOO_LONG) return credirect_offload(table, perform, transfer);
  ssize_t result = transfer->call(transfer->fd, transfer->parts, transfer->count, transfer->offset,
                                  transfer->flags | RWF_NOWAIT);
  if (result == 0 || (size_t)result == wanted) return result;
  if (result < 0) return credirect_offload(table, perform, transfer);
  if (!credirect_rest(rest, transfer->parts, count, (size_t)result)) return result;
  transfer->parts = rest->parts;
  transfer->count = (int)rest->count;
  if (transfer->offset != -1) transfer->offset += result;
  ssize_t more = credirect_offload(table, perform, transfer);
  return more > 0 ? result + more : result;
}

ssize_t credirect_read_file(const credirect_table *table, int fd, const struct iovec *parts, int count, off_t offset,
                        int flags) {
  struct transfer call = {real_preadv2(), fd, parts, count, offset, flags};
  struct rest rest = {0};
  ssize_t result = transfer(table, &call, &rest);
  credirect_free_rest(&rest);
  return result;
}

ssize_t credirect_write_file(const credirect_table *table, int fd, const struct iovec *parts, int count,
                         off_t offset, int flags) {
  struct transfer call = {real_pwritev2(), fd, parts, count, offset, flags};
  struct rest rest = {0};
  ssize_t result = transfer(table, &call, &rest);
  credirect_free_rest(&rest);
  return result;
}

// The table when the call is long and its arguments are such as the kernel accepts: the plain call refuses the others.
static const credirect_table *table_for(size_t bytes, off_t offset) {
  const credirect_table *table = spending_table(-1);
  return credirect_is_long(bytes) && offset >= 0 ? table : NULL;
}

WAITS(ssize_t, pread, (int fd, void *buffer, size_t count, off_t offset), (fd, buffer, count, offset)) {
  const credirect_table *table = table_for(count, offset);
  if (table == NULL) return real_pread()(fd, buffer, count, offset);
  struct iovec part = {buffer, count};
  return credirect_read_file(table, fd, &part, 1, offset, 0);
}

WAITS(ssize_t, pwrite, (int fd, const void *bytes, size_t count, off_t offset), (fd, bytes, count, offset)) {
  const credirect_table *table = table_for(count, offset);
  if (table == NULL) return real_pwrite()(fd, bytes, count, offset);
  struct iovec part = {(void *)bytes, count};
  return credirect_write_file(table, fd, &part, 1, offset, 0);
}

static size_t total_of(const struct iovec *parts, int count) {
  return parts != NULL && count > 0 && count <= IOV_MAX ? credirect_total(parts, (size_t)count) : 0;
}

WAITS(ssize_t, preadv, (int fd, const struct iovec *parts, int count, off_t offset), (fd, parts, count, offset)) {
  const credirect_table *table = table_for(total_of(parts, count), offset);
  if (table == NULL) return real_preadv()(fd, parts, count, offset);
  return credirect_read_file(table, fd, parts, count, offset, 0);
}

WAITS(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t offset), (fd, parts, count, offset)) {
  const credirect_table *table = table_for(total_of(parts, count), offset);
  if (table == NULL) return real_pwritev()(fd, parts, count, offset);
  return credirect_write_file(table, fd, parts, count, offset, 0);
}

// off_t has 64 bits, as off64_t has.
ALIAS(pread, pread64)
ALIAS(pread, __pread64)
ALIAS(pwrite, pwrite64)
ALIAS(pwrite, __pwrite64)
ALIAS(preadv, preadv64)
ALIAS(pwritev, pwritev64)
