#include "CSecrets.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

int csecrets_seal(
    const uint8_t key[32], const void *name, size_t name_count, const void *bytes, size_t count, void *sealed) {
  if (count > INT_MAX / 2 || name_count > INT_MAX) return 0;
  uint8_t *nonce = sealed, *out = nonce + CSECRETS_NONCE;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int length = 0, rest = 0;
  int is_done = context && RAND_bytes(nonce, CSECRETS_NONCE) == 1
                && EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1
                && EVP_EncryptUpdate(context, NULL, &length, name, (int)name_count) == 1
                && EVP_EncryptUpdate(context, out, &length, bytes, (int)count) == 1
                && EVP_EncryptFinal_ex(context, out + length, &rest) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CSECRETS_TAG, out + count) == 1;
  EVP_CIPHER_CTX_free(context);
  return is_done && (size_t)(length + rest) == count;
}

ptrdiff_t csecrets_open(
    const uint8_t key[32], const void *name, size_t name_count, const void *sealed, size_t count, void *bytes) {
  if (count < CSECRETS_NONCE + CSECRETS_TAG || count > INT_MAX / 2 || name_count > INT_MAX) return -1;
  const uint8_t *nonce = sealed, *in = nonce + CSECRETS_NONCE;
  int inside = (int)(count - CSECRETS_NONCE - CSECRETS_TAG);
  uint8_t tag[CSECRETS_TAG];
  memcpy(tag, in + inside, CSECRETS_TAG);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int length = 0, rest = 0;
  int is_done = context && EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1
                && EVP_DecryptUpdate(context, NULL, &length, name, (int)name_count) == 1
                && EVP_DecryptUpdate(context, bytes, &length, in, inside) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CSECRETS_TAG, tag) == 1
                && EVP_DecryptFinal_ex(context, (uint8_t *)bytes + length, &rest) == 1;
  EVP_CIPHER_CTX_free(context);
  return is_done ? length + rest : -1;
}
