#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "internal.h"

const char *ctls_connection_version(const ctls_connection *connection) { return SSL_get_version(connection->ssl); }
const char *ctls_connection_cipher(const ctls_connection *connection) { return SSL_get_cipher_name(connection->ssl); }

const char *ctls_connection_name(const ctls_connection *connection) {
  return SSL_get_servername(connection->ssl, TLSEXT_NAMETYPE_host_name);
}

bool ctls_connection_is_resumed(const ctls_connection *connection) { return SSL_session_reused(connection->ssl); }

const uint8_t *ctls_connection_protocol(const ctls_connection *connection, size_t *count) {
  const uint8_t *name = NULL;
  unsigned int length = 0;
  SSL_get0_alpn_selected(connection->ssl, &name, &length);
  *count = length;
  return name;
}

static char *name_text(const X509_NAME *name) {
  BIO *memory = BIO_new(BIO_s_mem());
  char *text = NULL;
  if (memory == NULL) return NULL;
  if (X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253) >= 0) {
    const char *bytes = NULL;
    long count = BIO_get_mem_data(memory, &bytes);
    text = malloc((size_t)count + 1);
    if (text) {
      memcpy(text, bytes, (size_t)count);
      text[count] = 0;
    }
  }
  BIO_free(memory);
  return text;
}

static char *serial_text(const X509 *certificate) {
  BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
  char *digits = number ? BN_bn2hex(number) : NULL;
  char *text = digits ? strdup(digits) : NULL;
  OPENSSL_free(digits);
  BN_free(number);
  return text;
}

bool ctls_connection_certificate(
    const ctls_connection *connection, char **subject, char **issuer, char **serial, uint8_t fingerprint[32]) {
  X509 *certificate = SSL_get0_peer_certificate(connection->ssl);
  if (certificate == NULL || SSL_get_verify_result(connection->ssl) != X509_V_OK) return false;
  unsigned int count = 0;
  uint8_t digest[EVP_MAX_MD_SIZE];
  *subject = name_text(X509_get_subject_name(certificate));
  *issuer = name_text(X509_get_issuer_name(certificate));
  *serial = serial_text(certificate);
  bool is_whole = X509_digest(certificate, EVP_sha256(), digest, &count) == 1 && count == 32;
  if (is_whole) memcpy(fingerprint, digest, 32);
  ERR_clear_error();
  return is_whole;
}
