#include "CSHA1.h"

#include <openssl/sha.h>

void csha1_digest(const void *bytes, size_t count, uint8_t digest[20]) { SHA1(bytes, count, digest); }
