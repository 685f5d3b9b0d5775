#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include "internal.h"

void ctls_take_reason(char *reason) {
  unsigned long error = ERR_get_error();
  const char *text = ERR_reason_error_string(error);
  if (ERR_SYSTEM_ERROR(error)) text = strerror(ERR_GET_REASON(error));
  strncpy(reason, text ? text : "OpenSSL does not say why", CTLS_REASON_BYTES - 1);
  reason[CTLS_REASON_BYTES - 1] = 0;
  ERR_clear_error();
}

static bool refused(char *reason) {
  ctls_take_reason(reason);
  return false;
}

// A key with a passphrase is refused: OpenSSL would ask the terminal for it.
static int no_passphrase(char *buffer, int size, int writes, void *of) {
  (void)buffer, (void)size, (void)writes, (void)of;
  return -1;
}

ctls_context *ctls_context_make(bool is_server) {
  ctls_context *context = calloc(1, sizeof *context);
  if (context == NULL) return NULL;
  context->ssl = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
  if (context->ssl == NULL) {
    ERR_clear_error();
    free(context);
    return NULL;
  }
  SSL_CTX_set_options(
      context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                        SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection holds no buffers. One receive takes a record and what comes with it.
  SSL_CTX_set_mode(
      context->ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context->ssl, 1);
  SSL_CTX_set_default_passwd_cb(context->ssl, no_passphrase);
  // Sessions are in the clients' tickets.
  SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_app_data(context->ssl, context);
  return context;
}

void ctls_context_free(ctls_context *context) {
  if (context == NULL) return;
  for (size_t index = 0; index < context->other_count; index++) ctls_context_free(context->others[index]);
  free(context->others);
  SSL_CTX_free(context->ssl);
  EVP_CIPHER_free(context->ticket_cipher);
  free(context->staple);
  free(context);
}

bool ctls_context_versions(ctls_context *context, int least, int most, char *reason) {
  return (SSL_CTX_set_min_proto_version(context->ssl, least) && SSL_CTX_set_max_proto_version(context->ssl, most)) ||
         refused(reason);
}

bool ctls_context_ciphers(ctls_context *context, const char *list, const char *suites, char *reason) {
  if (list && !SSL_CTX_set_cipher_list(context->ssl, list)) return refused(reason);
  return !suites || SSL_CTX_set_ciphersuites(context->ssl, suites) || refused(reason);
}

bool ctls_context_certificate(ctls_context *context, const char *file, char *reason) {
  return SSL_CTX_use_certificate_chain_file(context->ssl, file) == 1 || refused(reason);
}

bool ctls_context_key(ctls_context *context, const char *file, char *reason) {
  return (SSL_CTX_use_PrivateKey_file(context->ssl, file, SSL_FILETYPE_PEM) == 1 &&
          SSL_CTX_check_private_key(context->ssl) == 1) ||
         refused(reason);
}

bool ctls_context_authorities(ctls_context *context, const char *file, char *reason) {
  if (SSL_CTX_load_verify_file(context->ssl, file) != 1) return refused(reason);
  STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(file);
  if (names == NULL) return refused(reason);
  SSL_CTX_set_client_CA_list(context->ssl, names);
  return true;
}

bool ctls_context_system_authorities(ctls_context *context, char *reason) {
  return SSL_CTX_set_default_verify_paths(context->ssl) == 1 || refused(reason);
}

void ctls_context_verify(ctls_context *context, bool asks, bool requires) {
  SSL_CTX_set_verify(
      context->ssl, asks ? SSL_VERIFY_PEER | (requires ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0) : SSL_VERIFY_NONE, NULL);
  // A session that began without a certificate is not gone on with where one is asked for.
  const unsigned char name[] = {'g', asks ? 'a' : 'n', requires ? 'r' : 'o'};
  SSL_CTX_set_session_id_context(context->ssl, name, sizeof name);
}

static int choose_protocol(
    SSL *ssl, const unsigned char **chosen, unsigned char *count, const unsigned char *offered, unsigned int offered_count,
    void *of) {
  (void)ssl;
  const ctls_context *context = of;
  unsigned char *found = NULL;
  int outcome = SSL_select_next_proto(
      &found, count, context->protocols, (unsigned int)context->protocol_count, offered, offered_count);
  *chosen = found;
  // RFC 7301, 3.2: a client that speaks none of them is told so.
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool ctls_context_protocols(ctls_context *context, const uint8_t *list, size_t count, char *reason) {
  if (count > sizeof context->protocols) {
    strcpy(reason, "there are too many protocols");
    return false;
  }
  memcpy(context->protocols, list, count);
  context->protocol_count = count;
  SSL_CTX_set_alpn_select_cb(context->ssl, count ? choose_protocol : NULL, context);
  // This one returns 0 where all is well.
  return SSL_CTX_set_alpn_protos(context->ssl, list, (unsigned int)count) == 0 || refused(reason);
}

static int staple(SSL *ssl, void *of) {
  const ctls_context *context = of;
  uint8_t *copy = OPENSSL_memdup(context->staple, context->staple_count);
  if (copy == NULL) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)context->staple_count);
  return SSL_TLSEXT_ERR_OK;
}

bool ctls_context_staple(ctls_context *context, const uint8_t *bytes, size_t count, char *reason) {
  const unsigned char *next = bytes;
  if (count > LONG_MAX) return false;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &next, (long)count);
  if (response == NULL) return refused(reason);
  OCSP_RESPONSE_free(response);
  context->staple = malloc(count);
  if (context->staple == NULL) return false;
  memcpy(context->staple, bytes, count);
  context->staple_count = count;
  SSL_CTX_set_tlsext_status_cb(context->ssl, staple);
  SSL_CTX_set_tlsext_status_arg(context->ssl, context);
  return true;
}

static bool is_for(const ctls_context *context, const char *name) {
  X509 *certificate = SSL_CTX_get0_certificate(context->ssl);
  return certificate != NULL && X509_check_host(certificate, name, 0, 0, NULL) == 1;
}

// RFC 6066, 3: the first certificate that is for the name; for one that is nobody's the first of all.
static int choose_certificate(SSL *ssl, int *alert, void *of) {
  (void)alert;
  const ctls_context *context = of;
  const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == NULL || is_for(context, name)) return SSL_TLSEXT_ERR_OK;
  for (size_t index = 0; index < context->other_count; index++) {
    if (!is_for(context->others[index], name)) continue;
    SSL_set_SSL_CTX(ssl, context->others[index]->ssl);
    break;
  }
  ERR_clear_error();
  return SSL_TLSEXT_ERR_OK;
}

bool ctls_context_add(ctls_context *context, ctls_context *other) {
  ctls_context **others = realloc(context->others, (context->other_count + 1) * sizeof *others);
  if (others == NULL) return false;
  context->others = others;
  context->others[context->other_count++] = other;
  SSL_CTX_set_tlsext_servername_callback(context->ssl, choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context->ssl, context);
  return true;
}
