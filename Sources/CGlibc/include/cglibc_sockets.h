#ifndef CGLIBC_SOCKETS_H
#define CGLIBC_SOCKETS_H

// Calls on sockets whose types or flags glibc declares for _GNU_SOURCE only, or builds from macros. None of them blocks
// and none raises SIGPIPE.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

// socket(2): a datagram socket, non-blocking and closed on exec.
int cglibc_datagram_socket(int family);
// TCP_NODELAY of tcp(7): sets it, without effect on sockets of another kind; whether it is set.
void cglibc_set_no_delay(int socket);
bool cglibc_has_no_delay(int socket);
// socketpair(2) of Unix domain sockets, non-blocking and closed on exec.
int cglibc_stream_pair(int ends[2]);
int cglibc_datagram_pair(int ends[2]);

// recvmsg(2) and sendmsg(2) of bytes in several parts.
ssize_t cglibc_receive_parts(int socket, const struct iovec *parts, size_t count);
ssize_t cglibc_send_parts(int socket, const struct iovec *parts, size_t count);
// Told of every option of a socket that was set: whether SO_LINGER makes closes wait.
void cglibc_note_linger(int level, int name, const void *value, socklen_t length);
// Where the close of fd would wait for its data to be sent (SO_LINGER of some time), a copy of it, so that this close does
// not and that of the copy does; else -1.
int cglibc_lingering_copy(int fd);
// Whether the close of fd would wait so; whether that of any socket may.
bool cglibc_lingers(int fd);
bool cglibc_anything_lingers(void);

// recv(2) with MSG_PEEK.
ssize_t cglibc_peek(int socket, void *buffer, size_t count);
// SIOCOUTQ of tcp(7) and unix(7): how many bytes that were sent the peer has not taken yet; -1 where none can tell.
int cglibc_untaken(int socket);
// FIONREAD of ioctl(2): how many bytes have come that nobody has received; -1 where none can tell.
int cglibc_unread(int socket);
// sendfile(2) to a socket that is non-blocking.
ssize_t cglibc_send_file(int socket, int file, int64_t offset, size_t count);
// Whether the peer has shut down its sending direction, or the connection is no more: POLLRDHUP of poll(2). Never waits.
bool cglibc_peer_has_ended(int socket);

// Bytes with descriptors beside them, SCM_RIGHTS of unix(7). Up to CGLIBC_MOST_DESCRIPTORS at once.
#define CGLIBC_MOST_DESCRIPTORS 253
ssize_t cglibc_send_descriptors(int socket, const void *bytes, size_t count, const int *descriptors, size_t number);
// Room for CGLIBC_MOST_DESCRIPTORS; they are closed on exec. `truncated`: the kernel could not give all of them.
ssize_t cglibc_receive_descriptors(int socket, void *buffer, size_t count, int *descriptors, size_t *number,
                                   bool *truncated);
// SO_PEERCRED of unix(7).
int cglibc_peer_credentials(int socket, pid_t *process, uid_t *user, gid_t *group);

// recvfrom(2) with MSG_TRUNC: the result is the datagram's whole length, also where the buffer is shorter.
ssize_t cglibc_receive_datagram(int socket, void *buffer, size_t count, struct sockaddr *sender, socklen_t *length);
ssize_t cglibc_send_datagram(int socket, const void *bytes, size_t count, const struct sockaddr *to, socklen_t length);

struct cglibc_datagram {
  void *bytes;
  size_t count;
  // Received: the sender, unless the length is 0. To send: to whom, unless the length is 0.
  struct sockaddr_storage address;
  socklen_t address_length;
  bool truncated;
};
// recvmmsg(2): fills in `count` (from the room there was), the sender and whether it is cut. Returns how many.
int cglibc_receive_datagrams(int socket, struct cglibc_datagram *datagrams, size_t number);
// sendmmsg(2). Returns how many were sent.
int cglibc_send_datagrams(int socket, const struct cglibc_datagram *datagrams, size_t number);

// MCAST_JOIN_GROUP and MCAST_LEAVE_GROUP of RFC 3678; interface 0 leaves the choice to the kernel.
int cglibc_multicast_group(int socket, bool joins, const struct sockaddr *group, socklen_t length, unsigned interface);
// The interface by which multicast leaves, IP_MULTICAST_IF or IPV6_MULTICAST_IF.
int cglibc_multicast_interface(int socket, int family, unsigned interface);

#endif
