#include "CSignatures.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static const EVP_MD *digest_of(int bits) {
  return bits == 256 ? EVP_sha256() : bits == 384 ? EVP_sha384() : bits == 512 ? EVP_sha512() : NULL;
}

int csignatures_equal(const void *one, const void *other, size_t count) { return CRYPTO_memcmp(one, other, count) == 0; }

size_t csignatures_mac(
    int bits, const void *key, size_t key_count, const void *bytes, size_t count, uint8_t mac[CSIGNATURES_MAC]) {
  const EVP_MD *digest = digest_of(bits);
  size_t length = 0;
  if (!digest
      || !EVP_Q_mac(
          NULL, "HMAC", NULL, EVP_MD_get0_name(digest), NULL, key, key_count, bytes, count, mac, CSIGNATURES_MAC, &length))
    length = 0;
  ERR_clear_error();
  return length;
}

size_t csignatures_size(const csignatures_key *key) {
  int size = EVP_PKEY_get_size((const EVP_PKEY *)key);
  return size > 0 ? (size_t)size : 0;
}

// How many bytes r and s have; 0 for what is no curve of these.
static size_t width_of(const csignatures_key *key) {
  switch (csignatures_kind_of(key)) {
  case CSIGNATURES_P256: return 32;
  case CSIGNATURES_P384: return 48;
  case CSIGNATURES_P521: return 66;
  default: return 0;
  }
}

static int prepare(EVP_PKEY_CTX *context, csignatures_scheme scheme) {
  if (scheme == CSIGNATURES_PKCS1) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  if (scheme != CSIGNATURES_PSS) return 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
         && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

size_t csignatures_sign(
    const csignatures_key *key, csignatures_scheme scheme, int bits, const void *bytes, size_t count, uint8_t *signature,
    size_t capacity) {
  const EVP_MD *digest = scheme == CSIGNATURES_EDDSA ? NULL : digest_of(bits);
  if (scheme != CSIGNATURES_EDDSA && !digest) return 0;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  size_t length = capacity;
  if (!context || EVP_DigestSignInit(context, &options, digest, NULL, (EVP_PKEY *)key) != 1 || !prepare(options, scheme)
      || EVP_DigestSign(context, signature, &length, bytes, count) != 1)
    length = 0;
  EVP_MD_CTX_free(context);
  if (length > 0 && scheme == CSIGNATURES_ECDSA) {
    size_t width = width_of(key);
    const uint8_t *der = signature;
    ECDSA_SIG *pair = length <= LONG_MAX ? d2i_ECDSA_SIG(NULL, &der, (long)length) : NULL;
    length = 0;
    if (pair && width > 0 && capacity >= 2 * width
        && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, (int)width) == (int)width
        && BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + width, (int)width) == (int)width)
      length = 2 * width;
    ECDSA_SIG_free(pair);
  }
  ERR_clear_error();
  return length;
}

int csignatures_verify(
    const csignatures_key *key, csignatures_scheme scheme, int bits, const void *bytes, size_t count,
    const uint8_t *signature, size_t signature_count) {
  const EVP_MD *digest = scheme == CSIGNATURES_EDDSA ? NULL : digest_of(bits);
  if (scheme != CSIGNATURES_EDDSA && !digest) return 0;
  uint8_t *der = NULL;
  if (scheme == CSIGNATURES_ECDSA) {
    size_t width = width_of(key);
    if (width == 0 || signature_count != 2 * width) return 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, (int)width, NULL), *s = BN_bin2bn(signature + width, (int)width, NULL);
    int length = 0;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
      r = s = NULL;
      length = i2d_ECDSA_SIG(pair, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    if (length <= 0) {
      ERR_clear_error();
      return 0;
    }
    signature = der;
    signature_count = (size_t)length;
  }
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  int is_valid = context && EVP_DigestVerifyInit(context, &options, digest, NULL, (EVP_PKEY *)key) == 1
                 && prepare(options, scheme)
                 && EVP_DigestVerify(context, signature, signature_count, bytes, count) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ERR_clear_error();
  return is_valid;
}
