// nghttp2 1.52 or later, as Debian's libnghttp2-dev has it: the frames of HTTP/2 and HPACK.
#ifndef CNGHTTP2_H
#define CNGHTTP2_H

#include <nghttp2/nghttp2.h>

#endif
