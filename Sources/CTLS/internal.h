#ifndef CTLS_INTERNAL_H
#define CTLS_INTERNAL_H

#include "CTLS.h"

#include <openssl/ssl.h>

struct ctls_context {
  SSL_CTX *ssl;
  uint8_t protocols[256];
  size_t protocol_count;
  uint8_t *staple;
  size_t staple_count;
  ctls_context **others;
  size_t other_count;
  ctls_ticket_source *tickets;
  void *tickets_of;
  // What tickets are encrypted with: found once, and not for each.
  EVP_CIPHER *ticket_cipher;
};

struct ctls_connection {
  SSL *ssl;
  int descriptor;
  // The latest receive got less than there was room for.
  bool is_drained;
  // So it did in the call in progress.
  bool has_emptied;
  // The call in progress keeps what it sends until its end.
  bool is_collecting;
  // Somebody sends what was taken out of `unsent`.
  bool is_sending;
  // What the kernel has not taken, from `unsent_start` on.
  uint8_t *unsent;
  size_t unsent_count;
  size_t unsent_capacity;
  bool is_plain_http;
  // After a failure OpenSSL is not to be called again.
  bool has_failed;
  char *reason;
};

// The reason of the first error in OpenSSL's queue, which is emptied.
void ctls_take_reason(char *reason);
// The BIO of a connection: the socket's own, except that it never waits, raises no signal and keeps what is not taken.
BIO *ctls_bio_make(ctls_connection *connection);
// Sends what was kept, as much of it as the kernel takes. False with errno where it takes nothing any more.
bool ctls_bio_send_kept(ctls_connection *connection);
int ctls_ticket_key(
    SSL *ssl, unsigned char *name, unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypts);

#endif
