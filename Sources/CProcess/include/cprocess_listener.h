#ifndef CPROCESS_LISTENER_H
#define CPROCESS_LISTENER_H

#ifdef __cplusplus
extern "C" {
#endif

// How many connections wait to be accepted at a listening socket (TCP_INFO, tcp(7): for a listener, tcpi_unacked). -1
// where the kernel does not tell, as for Unix sockets.
int cprocess_listener_queued(int descriptor);

// Whether it is a stream socket that is not connected to anybody. -1 with errno.
int cprocess_listener_is_stream(int descriptor);
// Whether it listens: SO_ACCEPTCONN of socket(7). -1 with errno.
int cprocess_listener_is_listening(int descriptor);

#ifdef __cplusplus
}
#endif
#endif
