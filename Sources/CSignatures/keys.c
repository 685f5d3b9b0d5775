#include "CSignatures.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

// Whoever asks for a passphrase gets none: a terminal is not asked.
static int no_passphrase(char *buffer, int size, int is_writing, void *context) {
  (void)buffer, (void)size, (void)is_writing, (void)context;
  return -1;
}

csignatures_key *csignatures_private_pem(const void *pem, size_t count) {
  BIO *text = count <= INT_MAX ? BIO_new_mem_buf(pem, (int)count) : NULL;
  EVP_PKEY *key = text ? PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL) : NULL;
  BIO_free(text);
  ERR_clear_error();
  return (csignatures_key *)key;
}

csignatures_key *csignatures_public_pem(const void *pem, size_t count) {
  BIO *text = count <= INT_MAX ? BIO_new_mem_buf(pem, (int)count) : NULL;
  EVP_PKEY *key = text ? PEM_read_bio_PUBKEY(text, NULL, no_passphrase, NULL) : NULL;
  if (text && !key) {
    BIO_free(text);
    text = BIO_new_mem_buf(pem, (int)count);
    X509 *certificate = text ? PEM_read_bio_X509(text, NULL, no_passphrase, NULL) : NULL;
    key = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
  }
  BIO_free(text);
  ERR_clear_error();
  return (csignatures_key *)key;
}

// Makes a key of parameters, and frees them.
static csignatures_key *key_of(const char *type, OSSL_PARAM_BLD *builder, int is_complete, int is_private) {
  OSSL_PARAM *parameters = is_complete ? OSSL_PARAM_BLD_to_param(builder) : NULL;
  EVP_PKEY_CTX *context = parameters ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
  EVP_PKEY *key = NULL;
  int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (!context || EVP_PKEY_fromdata_init(context) != 1 || EVP_PKEY_fromdata(context, &key, selection, parameters) != 1) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  // A point that is not on its curve would give something away of whoever computes with it.
  context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
  if (key && (!context || EVP_PKEY_public_check(context) != 1 || (is_private && EVP_PKEY_pairwise_check(context) != 1))) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return (csignatures_key *)key;
}

csignatures_key *csignatures_rsa(const uint8_t *const numbers[8], const size_t counts[8]) {
  static const char *const names[8] = {
      OSSL_PKEY_PARAM_RSA_N,       OSSL_PKEY_PARAM_RSA_E,       OSSL_PKEY_PARAM_RSA_D,
      OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
      OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
  int is_private = counts[2] > 0;
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  BIGNUM *kept[8] = {NULL};
  int is_complete = builder != NULL;
  for (int i = 0; is_complete && i < (is_private ? 8 : 2); i++) {
    // More than OpenSSL takes would cost without end.
    is_complete = counts[i] > 0 && counts[i] <= 2048 && (kept[i] = BN_bin2bn(numbers[i], (int)counts[i], NULL)) != NULL
                  && OSSL_PARAM_BLD_push_BN(builder, names[i], kept[i]) == 1;
  }
  csignatures_key *key = key_of("RSA", builder, is_complete, is_private);
  for (int i = 0; i < 8; i++) BN_clear_free(kept[i]);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

static const char *curve_of(csignatures_kind kind) {
  switch (kind) {
  case CSIGNATURES_P256: return "prime256v1";
  case CSIGNATURES_P384: return "secp384r1";
  case CSIGNATURES_P521: return "secp521r1";
  default: return NULL;
  }
}

static size_t width_of(csignatures_kind kind) {
  return kind == CSIGNATURES_P256 ? 32 : kind == CSIGNATURES_P384 ? 48 : kind == CSIGNATURES_P521 ? 66 : 0;
}

csignatures_key *csignatures_ec(
    csignatures_kind kind, const uint8_t *x, size_t x_count, const uint8_t *y, size_t y_count, const uint8_t *d,
    size_t d_count) {
  const char *curve = curve_of(kind);
  size_t width = width_of(kind);
  // RFC 7518, 6.2.1.2: as long as the curve's, with zeros in front.
  if (!curve || x_count != width || y_count != width || (d && d_count != width)) return NULL;
  uint8_t point[1 + 2 * 66] = {4};
  memcpy(point + 1, x, width);
  memcpy(point + 1 + width, y, width);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  BIGNUM *number = d ? BN_bin2bn(d, (int)width, NULL) : NULL;
  int is_complete = builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1
                    && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * width) == 1
                    && (!d || (number && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1));
  csignatures_key *key = key_of("EC", builder, is_complete, d != NULL);
  BN_clear_free(number);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

csignatures_key *csignatures_ed25519(const uint8_t *bytes, int is_private) {
  EVP_PKEY *key = is_private ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, 32)
                             : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, 32);
  ERR_clear_error();
  return (csignatures_key *)key;
}

void csignatures_free(csignatures_key *key) { EVP_PKEY_free((EVP_PKEY *)key); }

csignatures_kind csignatures_kind_of(const csignatures_key *key) {
  const EVP_PKEY *pkey = (const EVP_PKEY *)key;
  // A key that is for PSS alone says with which digest, and is another kind.
  if (EVP_PKEY_is_a(pkey, "RSA")) return CSIGNATURES_RSA;
  if (EVP_PKEY_is_a(pkey, "ED25519")) return CSIGNATURES_ED25519;
  char group[64];
  size_t count = 0;
  if (!EVP_PKEY_is_a(pkey, "EC") || EVP_PKEY_get_group_name(pkey, group, sizeof group, &count) != 1) return CSIGNATURES_OTHER;
  for (csignatures_kind kind = CSIGNATURES_P256; kind <= CSIGNATURES_P521; kind++)
    if (strcmp(group, curve_of(kind)) == 0) return kind;
  return CSIGNATURES_OTHER;
}

int csignatures_bits(const csignatures_key *key) { return EVP_PKEY_get_bits((const EVP_PKEY *)key); }

int csignatures_is_private(const csignatures_key *key) {
  const EVP_PKEY *pkey = (const EVP_PKEY *)key;
  if (EVP_PKEY_is_a(pkey, "ED25519")) {
    size_t count = 0;
    int has = EVP_PKEY_get_raw_private_key(pkey, NULL, &count) == 1;
    ERR_clear_error();
    return has;
  }
  BIGNUM *number = NULL;
  const char *name = EVP_PKEY_is_a(pkey, "RSA") ? OSSL_PKEY_PARAM_RSA_D : OSSL_PKEY_PARAM_PRIV_KEY;
  int has = EVP_PKEY_get_bn_param(pkey, name, &number) == 1;
  BN_clear_free(number);
  ERR_clear_error();
  return has;
}
