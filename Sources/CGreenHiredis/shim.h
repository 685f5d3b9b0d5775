// hiredis 0.14 or later, as Debian's libhiredis-dev has it: of it, the reader of Redis's protocol (RESP2).
#ifndef CHIREDIS_H
#define CHIREDIS_H

#include <hiredis/hiredis.h>

static inline int chiredis_reply_type(const redisReply *reply) { return reply->type; }
static inline const char *chiredis_reader_error(const redisReader *reader) { return reader->errstr; }

#endif
