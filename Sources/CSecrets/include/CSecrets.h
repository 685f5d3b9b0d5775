// Signatures, encryption and password hashes, by OpenSSL's libcrypto and libcrypt: nothing of it is of this project's own.
#ifndef CSECRETS_H
#define CSECRETS_H

#include <stddef.h>
#include <stdint.h>

enum {
  CSECRETS_SIGNATURE = 32,
  CSECRETS_DIGEST = 32,
  CSECRETS_NONCE = 12,
  CSECRETS_TAG = 16,
  // As long as libcrypt's longest result, with its zero.
  CSECRETS_HASH = 384,
};

// Bytes that nobody can foretell: RAND_bytes(3). 0 where there are none.
int csecrets_random(void *bytes, size_t count);

// Whether two pieces of memory are the same, in a time that does not tell where they differ: CRYPTO_memcmp(3).
int csecrets_equal(const void *one, const void *other, size_t count);

// SHA-256 (FIPS 180-4).
void csecrets_digest(const void *bytes, size_t count, uint8_t digest[CSECRETS_DIGEST]);

// A key for HMAC-SHA256 (RFC 2104), made ready once. Any thread may use it. NULL where memory is short.
typedef struct csecrets_signer csecrets_signer;
csecrets_signer *csecrets_signer_create(const void *key, size_t count);
void csecrets_signer_free(csecrets_signer *signer);
// 0 where memory is short.
int csecrets_sign(
    const csecrets_signer *signer, const void *name, size_t name_count, const void *bytes, size_t count,
    uint8_t signature[CSECRETS_SIGNATURE]);

// AES-256-GCM (NIST SP 800-38D). `sealed` has room for nonce, bytes and tag, in this order. 0 where it fails.
int csecrets_seal(
    const uint8_t key[32], const void *name, size_t name_count, const void *bytes, size_t count, void *sealed);
// Returns how many bytes there are, -1 where it was not sealed by this key, under this name.
ptrdiff_t csecrets_open(
    const uint8_t key[32], const void *name, size_t name_count, const void *sealed, size_t count, void *bytes);

// The hash of a password by yescrypt, with a salt of its own: crypt(5). 0 where it fails.
int csecrets_hash_password(const char *password, unsigned long cost, char hash[CSECRETS_HASH]);
// Whether a password has this hash, of any method that libcrypt knows.
int csecrets_verify_password(const char *password, const char *hash);

#endif
