// SHA-1 by OpenSSL's libcrypto, for the handshake of WebSocket (RFC 6455, 4.2.2), where it guards nothing.
#ifndef CSHA1_H
#define CSHA1_H

#include <stddef.h>
#include <stdint.h>

void csha1_digest(const void *bytes, size_t count, uint8_t digest[20]);

#endif
