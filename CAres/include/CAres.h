#ifndef CARES_H_SHIM
#define CARES_H_SHIM

// c-ares, as Swift can call it.

#include <ares.h>
#include <netdb.h>
#include <sys/socket.h>

#endif
