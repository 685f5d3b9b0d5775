// Signatures of JSON Web Tokens, by OpenSSL's libcrypto: nothing of it is of this project's own.
#ifndef CSIGNATURES_H
#define CSIGNATURES_H

#include <stddef.h>
#include <stdint.h>

enum {
  // As long as the longest digest.
  CSIGNATURES_MAC = 64,
};

// What a key is for.
typedef enum {
  CSIGNATURES_OTHER = 0,
  CSIGNATURES_RSA,
  CSIGNATURES_P256,
  CSIGNATURES_P384,
  CSIGNATURES_P521,
  CSIGNATURES_ED25519,
} csignatures_kind;

// How a key signs.
typedef enum {
  CSIGNATURES_PKCS1 = 0, // RSASSA-PKCS1-v1_5 (RFC 8017, 8.2)
  CSIGNATURES_PSS,       // RSASSA-PSS (RFC 8017, 8.1), with a salt as long as the digest
  CSIGNATURES_ECDSA,     // FIPS 186-5, 6; a signature is r and s, each as long as the order (RFC 7518, 3.4)
  CSIGNATURES_EDDSA,     // RFC 8032
} csignatures_scheme;

// A key, which any thread may use. `NULL` where a text or numbers are none, or memory is short.
typedef struct csignatures_key csignatures_key;

// PEM of PKCS #8 or of the older forms, without a passphrase.
csignatures_key *csignatures_private_pem(const void *pem, size_t count);
// PEM of a public key, or of a certificate.
csignatures_key *csignatures_public_pem(const void *pem, size_t count);
// Big-endian numbers: n, e, and of a private key d, p, q, dp, dq, qi, which are all there or all of no length.
csignatures_key *csignatures_rsa(const uint8_t *const numbers[8], const size_t counts[8]);
// A point, and of a private key its number, or NULL.
csignatures_key *csignatures_ec(
    csignatures_kind kind, const uint8_t *x, size_t x_count, const uint8_t *y, size_t y_count, const uint8_t *d,
    size_t d_count);
// 32 bytes.
csignatures_key *csignatures_ed25519(const uint8_t *bytes, int is_private);
void csignatures_free(csignatures_key *key);

csignatures_kind csignatures_kind_of(const csignatures_key *key);
// The size of an RSA key's modulus.
int csignatures_bits(const csignatures_key *key);
// Whether it can sign.
int csignatures_is_private(const csignatures_key *key);

// HMAC (RFC 2104) with SHA-256, SHA-384 or SHA-512. Returns its length; 0 where it fails.
size_t csignatures_mac(
    int bits, const void *key, size_t key_count, const void *bytes, size_t count, uint8_t mac[CSIGNATURES_MAC]);
// Whether two pieces of memory are the same, in a time that does not tell where they differ: CRYPTO_memcmp(3).
int csignatures_equal(const void *one, const void *other, size_t count);

// The most bytes that a signature of a key has.
size_t csignatures_size(const csignatures_key *key);
// `bits` are the digest's. Returns the length; 0 where it fails.
size_t csignatures_sign(
    const csignatures_key *key, csignatures_scheme scheme, int bits, const void *bytes, size_t count, uint8_t *signature,
    size_t capacity);
// Whether it is the signature.
int csignatures_verify(
    const csignatures_key *key, csignatures_scheme scheme, int bits, const void *bytes, size_t count,
    const uint8_t *signature, size_t signature_count);

#endif
