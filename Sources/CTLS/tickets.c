#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "internal.h"

// For how long a session may be gone on with, in seconds: as long as the key of its ticket is known, which is at least that
// of two of its successors.
#define SESSION_SECONDS 7200

// A key as it lies in memory.
typedef struct {
  uint8_t name[16];
  uint8_t mac[32];
  uint8_t cipher[32];
} ticket_key;

_Static_assert(sizeof(ticket_key) == CTLS_TICKET_KEY_BYTES, "a key has no gaps");

static bool use(
    const ctls_context *context, const ticket_key *key, unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    int encrypts) {
  char digest[] = "SHA256";
  uint8_t secret[32];
  memcpy(secret, key->mac, sizeof secret);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret, sizeof secret),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  return EVP_CipherInit_ex(cipher, context->ticket_cipher, NULL, key->cipher, vector, encrypts) == 1 &&
         EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// RFC 5077, 4, as SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it.
int ctls_ticket_key(
    SSL *ssl, unsigned char *name, unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypts) {
  // The context that the connection began with, whatever certificate was chosen since: all have the same source.
  const ctls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
  uint8_t keys[CTLS_TICKET_KEYS][CTLS_TICKET_KEY_BYTES];
  size_t count = context->ticket_cipher ? context->tickets(context->tickets_of, keys) : 0;
  int outcome = 0;
  if (encrypts) {
    if (count > 0 && RAND_bytes(vector, EVP_CIPHER_get_iv_length(context->ticket_cipher)) == 1) {
      const ticket_key *key = (const ticket_key *)keys[0];
      memcpy(name, key->name, sizeof key->name);
      outcome = use(context, key, vector, cipher, mac, 1);
    }
  } else {
    for (size_t index = 0; index < count; index++) {
      const ticket_key *key = (const ticket_key *)keys[index];
      if (memcmp(name, key->name, sizeof key->name) != 0) continue;
      // Of an older key the client is given another ticket, and in TLS 1.3 each is used once (RFC 8446, C.4).
      if (use(context, key, vector, cipher, mac, 0)) outcome = index > 0 || SSL_version(ssl) >= TLS1_3_VERSION ? 2 : 1;
      break;
    }
  }
  OPENSSL_cleanse(keys, sizeof keys);
  return outcome;
}

void ctls_context_tickets(ctls_context *context, ctls_ticket_source *source, void *of) {
  context->tickets = source;
  context->tickets_of = of;
  context->ticket_cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
  SSL_CTX_set_timeout(context->ssl, SESSION_SECONDS);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context->ssl, ctls_ticket_key);
}
