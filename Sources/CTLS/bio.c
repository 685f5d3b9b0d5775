#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>

#include "internal.h"

// What a peer can make this side keep that does not read itself, such as answers to requests for new keys, in bytes.
#define MOST_UNSENT (256 * 1024)

static ctls_connection *connection_of(BIO *bio) { return BIO_get_data(bio); }

static bool should_retry(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

static int receive(BIO *bio, char *buffer, int count) {
  ctls_connection *connection = connection_of(bio);
  BIO_clear_retry_flags(bio);
  // The kernel had nothing more a moment ago, and says when it has: it need not be asked again.
  if (connection->has_emptied) {
    BIO_set_retry_read(bio);
    errno = EAGAIN;
    return -1;
  }
  ssize_t received = recv(connection->descriptor, buffer, (size_t)count, MSG_DONTWAIT);
  connection->is_drained = received < count;
  connection->has_emptied = received != 0 && received < count;
  if (received < 0 && should_retry(errno)) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return (int)received;
}

static int keep(ctls_connection *connection, const char *bytes, size_t count) {
  size_t needed = connection->unsent_count + count;
  if (needed > MOST_UNSENT) {
    errno = ENOBUFS;
    return -1;
  }
  if (needed > connection->unsent_capacity) {
    size_t capacity = connection->unsent_capacity < 4096 ? 4096 : 2 * connection->unsent_capacity;
    if (capacity < needed) capacity = needed;
    uint8_t *larger = realloc(connection->unsent, capacity);
    if (larger == NULL) return -1;
    connection->unsent = larger;
    connection->unsent_capacity = capacity;
  }
  memcpy(connection->unsent + connection->unsent_count, bytes, count);
  connection->unsent_count = needed;
  return 0;
}

// How many bytes the kernel has taken; -1 where it takes nothing any more.
static ssize_t try_to_send(const ctls_connection *connection, const void *bytes, size_t count) {
  ssize_t sent;
  do sent = send(connection->descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 && should_retry(errno) ? 0 : sent;
}

bool ctls_bio_send_kept(ctls_connection *connection) {
  if (connection->unsent_count == 0 || connection->is_sending) return true;
  ssize_t sent = try_to_send(connection, connection->unsent, connection->unsent_count);
  if (sent < 0) {
    // Such as tickets, which a client does not take that has gone once it was done: who receives next learns of it.
    connection->unsent_count = 0;
    return false;
  }
  connection->unsent_count -= (size_t)sent;
  if (connection->unsent_count > 0) {
    memmove(connection->unsent, connection->unsent + sent, connection->unsent_count);
  } else {
    free(connection->unsent);
    connection->unsent = NULL;
    connection->unsent_capacity = 0;
  }
  return true;
}

// Takes all, so that no record is ever half written: what the kernel has no room for is kept, and goes before all others.
static int transmit(BIO *bio, const char *bytes, int count) {
  ctls_connection *connection = connection_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t sent = 0;
  if (connection->unsent_count == 0 && !connection->is_sending && !connection->is_collecting) {
    sent = try_to_send(connection, bytes, (size_t)count);
    if (sent < 0) return -1;
  }
  if (sent < count && keep(connection, bytes + sent, (size_t)(count - sent)) < 0) return -1;
  return count;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  (void)number, (void)pointer;
  switch (command) {
  case BIO_CTRL_FLUSH: return 1;
  // SSL_read tells an end of the stream by it.
  case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  default: return 0;
  }
}

// Made once, when the library is loaded: there is no lock to wait for then.
static BIO_METHOD *method;

__attribute__((constructor)) static void make_method(void) {
  method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "greenfinch");
  if (method == NULL) return;
  BIO_meth_set_read(method, receive);
  BIO_meth_set_write(method, transmit);
  BIO_meth_set_ctrl(method, control);
}

BIO *ctls_bio_make(ctls_connection *connection) {
  BIO *bio = method ? BIO_new(method) : NULL;
  if (bio == NULL) return NULL;
  BIO_set_data(bio, connection);
  BIO_set_init(bio, 1);
  return bio;
}
