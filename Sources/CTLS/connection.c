#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "internal.h"

ctls_connection *ctls_connection_make(ctls_context *context, int descriptor) {
  ctls_connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) return NULL;
  connection->descriptor = descriptor;
  connection->ssl = SSL_new(context->ssl);
  BIO *bio = connection->ssl ? ctls_bio_make(connection) : NULL;
  if (bio == NULL) {
    ERR_clear_error();
    ctls_connection_free(connection);
    return NULL;
  }
  SSL_set_bio(connection->ssl, bio, bio);
  if (SSL_is_server(connection->ssl)) SSL_set_accept_state(connection->ssl);
  else SSL_set_connect_state(connection->ssl);
  return connection;
}

void ctls_connection_free(ctls_connection *connection) {
  if (connection == NULL) return;
  SSL_free(connection->ssl);
  free(connection->unsent);
  free(connection->reason);
  free(connection);
}

bool ctls_connection_peer(ctls_connection *connection, const char *name, bool verifies) {
  uint8_t address[16];
  bool is_address = inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
  if (!is_address && SSL_set_tlsext_host_name(connection->ssl, name) != 1) return false;
  if (!verifies) {
    SSL_set_verify(connection->ssl, SSL_VERIFY_NONE, NULL);
    return true;
  }
  SSL_set_hostflags(connection->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection->ssl), name) == 1;
  return SSL_set1_host(connection->ssl, name) == 1;
}

static void note_reason(ctls_connection *connection) {
  unsigned long error = ERR_peek_error();
  if (ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST) connection->is_plain_http = true;
  if (connection->reason == NULL) connection->reason = malloc(CTLS_REASON_BYTES);
  if (connection->reason == NULL) {
    ERR_clear_error();
  } else if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    long verdict = SSL_get_verify_result(connection->ssl);
    snprintf(
        connection->reason, CTLS_REASON_BYTES, "the certificate does not count: %s",
        X509_verify_cert_error_string(verdict));
    ERR_clear_error();
  } else {
    ctls_take_reason(connection->reason);
  }
}

// What a call to OpenSSL has come to. It must follow the call at once: errors are the thread's.
static ctls_outcome outcome(ctls_connection *connection, int result) {
  int system_error = errno;
  switch (SSL_get_error(connection->ssl, result)) {
  case SSL_ERROR_NONE: return CTLS_DONE;
  case SSL_ERROR_WANT_READ: return CTLS_WANTS_READ;
  case SSL_ERROR_WANT_WRITE: return CTLS_WANTS_WRITE;
  case SSL_ERROR_ZERO_RETURN: return CTLS_END;
  case SSL_ERROR_SYSCALL:
    connection->has_failed = true;
    if (ERR_peek_error() == 0) {
      errno = system_error;
      return CTLS_SYSTEM;
    }
    note_reason(connection);
    return CTLS_FAILED;
  default:
    connection->has_failed = true;
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      ERR_clear_error();
      return CTLS_TRUNCATED;
    }
    note_reason(connection);
    return CTLS_FAILED;
  }
}

// What OpenSSL writes goes out by one call: the messages that make up a flight, and in TLS 1.3 all tickets.
ctls_outcome ctls_connection_handshake(ctls_connection *connection) {
  ERR_clear_error();
  errno = 0;
  connection->has_emptied = false;
  connection->is_collecting = true;
  ctls_outcome done = outcome(connection, SSL_do_handshake(connection->ssl));
  connection->is_collecting = false;
  int error = errno;
  if (ctls_bio_send_kept(connection) || done != CTLS_WANTS_READ) {
    errno = error;
    return done;
  }
  connection->has_failed = true;
  return CTLS_SYSTEM;
}

ctls_outcome ctls_connection_read(ctls_connection *connection, void *buffer, size_t count, size_t *received) {
  ERR_clear_error();
  errno = 0;
  connection->has_emptied = false;
  return outcome(connection, SSL_read_ex(connection->ssl, buffer, count, received));
}

ctls_outcome ctls_connection_write(ctls_connection *connection, const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  while (count > 0) {
    size_t taken = 0;
    ERR_clear_error();
    errno = 0;
    ctls_outcome done = outcome(connection, SSL_write_ex(connection->ssl, next, count, &taken));
    if (done != CTLS_DONE) return done;
    next += taken;
    count -= taken;
  }
  return CTLS_DONE;
}

void ctls_connection_end(ctls_connection *connection) {
  // Not before a handshake has been made, nor after a failure: OpenSSL would not have it.
  if (connection->has_failed || !SSL_is_init_finished(connection->ssl)) return;
  ERR_clear_error();
  SSL_shutdown(connection->ssl);
  ERR_clear_error();
}

bool ctls_connection_has_pending(const ctls_connection *connection) { return SSL_has_pending(connection->ssl); }
bool ctls_connection_is_drained(const ctls_connection *connection) { return connection->is_drained; }
size_t ctls_connection_unsent(const ctls_connection *connection) { return connection->unsent_count; }

void *ctls_connection_take(ctls_connection *connection, size_t *count) {
  void *bytes = connection->unsent;
  *count = connection->unsent_count;
  connection->unsent = NULL;
  connection->unsent_count = connection->unsent_capacity = 0;
  connection->is_sending = true;
  return bytes;
}

void ctls_connection_taken_sent(ctls_connection *connection) { connection->is_sending = false; }
const char *ctls_connection_reason(const ctls_connection *connection) {
  return connection->reason ? connection->reason : "there is no memory to say why";
}
bool ctls_connection_is_plain_http(const ctls_connection *connection) { return connection->is_plain_http; }
