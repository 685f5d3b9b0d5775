#define _GNU_SOURCE
#include "CSecrets.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(CRYPT_OUTPUT_SIZE <= CSECRETS_HASH, "a hash of libcrypt's does not fit");

// What crypt works with is large, and holds the password.
static int hash_with(const char *password, const char *setting, char hash[CSECRETS_HASH]) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (!data) return 0;
  const char *result = crypt_rn(password, setting, data, sizeof *data);
  // One that begins with an asterisk says that it failed.
  int is_done = result && result[0] != '*' && strlen(result) < CSECRETS_HASH;
  if (is_done) strcpy(hash, result);
  OPENSSL_cleanse(data, sizeof *data);
  free(data);
  return is_done;
}

int csecrets_hash_password(const char *password, unsigned long cost, char hash[CSECRETS_HASH]) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  return crypt_gensalt_rn("$y$", cost, NULL, 0, setting, sizeof setting) && hash_with(password, setting, hash);
}

int csecrets_verify_password(const char *password, const char *hash) {
  char found[CSECRETS_HASH];
  if (!hash_with(password, hash, found)) return 0;
  size_t count = strlen(found);
  int is_same = strlen(hash) == count && csecrets_equal(found, hash, count);
  OPENSSL_cleanse(found, sizeof found);
  return is_same;
}
