// ungetc(3), fseek(3), ftell(3), setvbuf(3), ferror(3) and their kin: they do not wait for a descriptor, but for a stream that
// another fiber holds, which glibc would not notice.

#include "streams.h"

// The real call, with the stream locked for the fiber, where `condition` holds.
#define IN_TURN_IF(condition, type, name, parameters, arguments)                                 \
  REAL(name)                                                                                     \
  REDIRECTED type name parameters {                                                              \
    const credirect_table *table = fiber_table();                                           \
    STREAM_HELD(held);                                                                           \
    if (table != NULL && (condition)) credirect_lock_stream(table, held = stream);                   \
    return real_##name() arguments;                                                              \
  }
#define IN_TURN(type, name, parameters, arguments) IN_TURN_IF(true, type, name, parameters, arguments)
// Of what is often called, and calls no function of the program.
#define IN_TURN_IF_HELD(type, name, parameters, arguments)                                       \
  IN_TURN_IF(credirect_holds_anything(), type, name, parameters, arguments)

IN_TURN(int, ungetc, (int character, FILE *stream), (character, stream))
IN_TURN(wint_t, ungetwc, (wint_t character, FILE *stream), (character, stream))
IN_TURN(int, fseek, (FILE *stream, long offset, int origin), (stream, offset, origin))
IN_TURN(int, fseeko, (FILE *stream, off_t offset, int origin), (stream, offset, origin))
IN_TURN(int, fseeko64, (FILE *stream, off64_t offset, int origin), (stream, offset, origin))
IN_TURN(long, ftell, (FILE *stream), (stream))
IN_TURN(off_t, ftello, (FILE *stream), (stream))
IN_TURN(off64_t, ftello64, (FILE *stream), (stream))
IN_TURN(void, rewind, (FILE *stream), (stream))
IN_TURN(int, fgetpos, (FILE *restrict stream, fpos_t *restrict place), (stream, place))
IN_TURN(int, fgetpos64, (FILE *restrict stream, fpos64_t *restrict place), (stream, place))
IN_TURN(int, fsetpos, (FILE *stream, const fpos_t *place), (stream, place))
IN_TURN(int, fsetpos64, (FILE *stream, const fpos64_t *place), (stream, place))
IN_TURN(int, setvbuf, (FILE *restrict stream, char *restrict buffer, int mode, size_t size),
        (stream, buffer, mode, size))
IN_TURN(void, setbuf, (FILE *restrict stream, char *restrict buffer), (stream, buffer))
IN_TURN(void, setbuffer, (FILE *restrict stream, char *restrict buffer, size_t size), (stream, buffer, size))
IN_TURN(void, setlinebuf, (FILE *stream), (stream))
IN_TURN_IF_HELD(int, feof, (FILE *stream), (stream))
IN_TURN_IF_HELD(int, ferror, (FILE *stream), (stream))
IN_TURN_IF_HELD(void, clearerr, (FILE *stream), (stream))

ALIAS(feof, _IO_feof)
ALIAS(ferror, _IO_ferror)
ALIAS(fseeko64, __fseeko64)
ALIAS(ftello64, __ftello64)
ALIAS(ftell, _IO_ftell)
ALIAS(fgetpos, _IO_fgetpos)
ALIAS(fgetpos64, _IO_fgetpos64)
ALIAS(fsetpos, _IO_fsetpos)
ALIAS(fsetpos64, _IO_fsetpos64)
ALIAS(setvbuf, _IO_setvbuf)
ALIAS(setbuffer, _IO_setbuffer)
ALIAS(ungetc, _IO_ungetc)
