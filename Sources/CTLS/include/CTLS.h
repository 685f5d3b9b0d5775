// TLS by OpenSSL 3, as GreenTLS uses it: contexts, and connections over a socket that never wait.
#ifndef CTLS_H
#define CTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Room for what OpenSSL says of a failure.
#define CTLS_REASON_BYTES 256
// A key for session tickets: its name, what authenticates them, what encrypts them.
#define CTLS_TICKET_KEY_BYTES (16 + 32 + 32)
#define CTLS_TICKET_KEYS 3

// What all connections of a server, or of a client, have in common. Any thread may use it once it is made.
typedef struct ctls_context ctls_context;

// NULL without memory. Nothing is verified, and nothing served, before the functions below say so.
ctls_context *ctls_context_make(bool is_server);
void ctls_context_free(ctls_context *context);

// Each of these returns false where OpenSSL refuses, and puts the reason into `reason`, which has CTLS_REASON_BYTES.

// The lowest and the highest version, as 0x0303 for TLS 1.2 and 0x0304 for TLS 1.3.
bool ctls_context_versions(ctls_context *context, int least, int most, char *reason);
// Names of OpenSSL's for TLS 1.2, separated by colons; and for TLS 1.3. NULL for those that OpenSSL chooses.
bool ctls_context_ciphers(ctls_context *context, const char *list, const char *suites, char *reason);
bool ctls_context_certificate(ctls_context *context, const char *file, char *reason);
// The key of the certificate, which must have been given before.
bool ctls_context_key(ctls_context *context, const char *file, char *reason);
// Whose signatures count on the peer's certificate; a server tells them to its clients.
bool ctls_context_authorities(ctls_context *context, const char *file, char *reason);
bool ctls_context_system_authorities(ctls_context *context, char *reason);
// Whether the peer is asked for a certificate that counts, and refused without one.
void ctls_context_verify(ctls_context *context, bool asks, bool requires);
// Protocols, the best first, each after a byte with its length. A server takes its first that the client has too.
bool ctls_context_protocols(ctls_context *context, const uint8_t *list, size_t count, char *reason);
// What a certificate's authority says of it, a file in DER (RFC 6960): handed to clients that ask.
bool ctls_context_staple(ctls_context *context, const uint8_t *bytes, size_t count, char *reason);
// A further certificate of a server, which is served to clients that ask for one of its names. Keeps the other context.
bool ctls_context_add(ctls_context *context, ctls_context *other);
// Where a server's keys for session tickets come from: the newest first, with which tickets are made; how many. Called by
// any thread. Without it each context has keys of its own.
typedef size_t ctls_ticket_source(void *of, uint8_t keys[CTLS_TICKET_KEYS][CTLS_TICKET_KEY_BYTES]);
void ctls_context_tickets(ctls_context *context, ctls_ticket_source *source, void *of);

// One connection. Its functions never wait, and are called by one thread at a time.
typedef struct ctls_connection ctls_connection;

typedef enum {
  CTLS_DONE,
  CTLS_WANTS_READ,   // more must be received
  CTLS_WANTS_WRITE,  // the kernel must take more; only where it encrypts itself
  CTLS_END,          // the peer has ended the connection as it should
  CTLS_TRUNCATED,    // the peer has gone without saying so
  CTLS_SYSTEM,       // a system call has failed: errno
  CTLS_FAILED,       // something that is not TLS, or breaks its rules: ctls_connection_reason
} ctls_outcome;

// Over a connected socket, which stays the caller's. NULL without memory.
ctls_connection *ctls_connection_make(ctls_context *context, int descriptor);
void ctls_connection_free(ctls_connection *connection);
// Of a client: whom it has connected to. A name is sent to the server, unless it is an address; where `verifies` is set the
// server's certificate must be for it.
bool ctls_connection_peer(ctls_connection *connection, const char *name, bool verifies);

ctls_outcome ctls_connection_handshake(ctls_connection *connection);
ctls_outcome ctls_connection_read(ctls_connection *connection, void *buffer, size_t count, size_t *received);
// Takes all the bytes: what the kernel does not take is kept, see ctls_connection_take.
ctls_outcome ctls_connection_write(ctls_connection *connection, const void *bytes, size_t count);
// Tells the peer that nothing more will come.
void ctls_connection_end(ctls_connection *connection);
// Whether something has been received that has not been read.
bool ctls_connection_has_pending(const ctls_connection *connection);
// Whether the last attempt to receive found less than there was room for: then the kernel has nothing more.
bool ctls_connection_is_drained(const ctls_connection *connection);

// Bytes that the kernel has not taken yet.
size_t ctls_connection_unsent(const ctls_connection *connection);
// Takes them out, to be sent by the caller, who says so when they have been; meanwhile all others are kept. The memory is
// the caller's to free.
void *ctls_connection_take(ctls_connection *connection, size_t *count);
void ctls_connection_taken_sent(ctls_connection *connection);

// Why it failed, in OpenSSL's words, or in those of what verifies certificates.
const char *ctls_connection_reason(const ctls_connection *connection);
// Whether the first bytes that came were a request of plain HTTP.
bool ctls_connection_is_plain_http(const ctls_connection *connection);

// What was agreed. Texts are valid as long as the connection; NULL where there is none.
const char *ctls_connection_version(const ctls_connection *connection);
const char *ctls_connection_cipher(const ctls_connection *connection);
const char *ctls_connection_name(const ctls_connection *connection);
bool ctls_connection_is_resumed(const ctls_connection *connection);
// The protocol; its length in `count`.
const uint8_t *ctls_connection_protocol(const ctls_connection *connection, size_t *count);
// The peer's certificate, verified: its subject as RFC 2253 writes it, its serial number in hexadecimal, and the SHA-256 of
// all of it. False where there is none. The texts are the caller's to free.
bool ctls_connection_certificate(
    const ctls_connection *connection, char **subject, char **issuer, char **serial, uint8_t fingerprint[32]);

#endif
