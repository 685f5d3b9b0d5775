#include "CSecrets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <limits.h>

int csecrets_random(void *bytes, size_t count) { return count <= INT_MAX && RAND_bytes(bytes, (int)count) == 1; }

int csecrets_equal(const void *one, const void *other, size_t count) { return CRYPTO_memcmp(one, other, count) == 0; }

void csecrets_digest(const void *bytes, size_t count, uint8_t digest[CSECRETS_DIGEST]) { SHA256(bytes, count, digest); }

// The context itself is copied for each signature: to fetch the method and to set the key would cost more than the rest.
csecrets_signer *csecrets_signer_create(const void *key, size_t count) {
  EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
  EVP_MAC_free(mac);
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_init(context, key, count, parameters) == 1) return (csecrets_signer *)context;
  EVP_MAC_CTX_free(context);
  return NULL;
}

void csecrets_signer_free(csecrets_signer *signer) { EVP_MAC_CTX_free((EVP_MAC_CTX *)signer); }

int csecrets_sign(
    const csecrets_signer *signer, const void *name, size_t name_count, const void *bytes, size_t count,
    uint8_t signature[CSECRETS_SIGNATURE]) {
  static const uint8_t end = 0;
  EVP_MAC_CTX *context = EVP_MAC_CTX_dup((const EVP_MAC_CTX *)signer);
  size_t length = 0;
  int is_done = context && EVP_MAC_update(context, name, name_count) == 1 && EVP_MAC_update(context, &end, 1) == 1
                && EVP_MAC_update(context, bytes, count) == 1
                && EVP_MAC_final(context, signature, &length, CSECRETS_SIGNATURE) == 1 && length == CSECRETS_SIGNATURE;
  EVP_MAC_CTX_free(context);
  return is_done;
}
