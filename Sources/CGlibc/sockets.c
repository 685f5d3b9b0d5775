#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cglibc_sockets.h"

#include "quiet.h"

#include <errno.h>
#include <poll.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)

int cglibc_datagram_socket(int family) { return socket(family, SOCK_DGRAM | TYPE_FLAGS, 0); }

int cglibc_stream_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | TYPE_FLAGS, 0, ends); }

int cglibc_datagram_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_DGRAM | TYPE_FLAGS, 0, ends); }

void cglibc_set_no_delay(int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool cglibc_has_no_delay(int socket) {
  int on = 0;
  socklen_t length = sizeof on;
  return getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, &length) == 0 && on != 0;
}

ssize_t cglibc_receive_parts(int socket, const struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
  return recvmsg(socket, &message, MSG_DONTWAIT);
}

ssize_t cglibc_send_parts(int socket, const struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
  return sendmsg(socket, &message, SEND_FLAGS);
}

ssize_t cglibc_peek(int socket, void *buffer, size_t count) {
  return recv(socket, buffer, count, MSG_PEEK | MSG_DONTWAIT);
}

int cglibc_untaken(int socket) {
  int count = 0;
  return ioctl(socket, SIOCOUTQ, &count) < 0 ? -1 : count;
}

int cglibc_unread(int socket) {
  int count = 0;
  return ioctl(socket, FIONREAD, &count) < 0 ? -1 : count;
}

ssize_t cglibc_send_file(int socket, int file, int64_t offset, size_t count) {
  off_t position = offset;
  // sendfile takes no flags: it raises SIGPIPE where the peer is gone.
  struct quiet quiet = cglibc_quiet_begin();
  ssize_t result = sendfile(socket, file, &position, count);
  cglibc_quiet_end(&quiet, result < 0 && errno == EPIPE);
  return result;
}

bool cglibc_peer_has_ended(int socket) {
  struct pollfd entry = {.fd = socket, .events = POLLRDHUP};
  struct timespec now = {0};
  return ppoll(&entry, 1, &now, NULL) > 0;
}

// ---- Descriptors and credentials ----------------------------------------------------------------------------------

union control {
  char bytes[CMSG_SPACE(CGLIBC_MOST_DESCRIPTORS * sizeof(int))];
  struct cmsghdr header;
};

ssize_t cglibc_send_descriptors(int socket, const void *bytes, size_t count, const int *descriptors, size_t number) {
  if (number > CGLIBC_MOST_DESCRIPTORS) {
    errno = EINVAL;
    return -1;
  }
  struct iovec part = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  union control control;
  if (number > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(number * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(number * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, number * sizeof(int));
  }
  return sendmsg(socket, &message, SEND_FLAGS);
}

ssize_t cglibc_receive_descriptors(int socket, void *buffer, size_t count, int *descriptors, size_t *number,
                                   bool *truncated) {
  struct iovec part = {buffer, count};
  union control control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t result = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  *number = 0;
  *truncated = false;
  if (result < 0) return result;
  *truncated = (message.msg_flags & MSG_CTRUNC) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t found = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < found; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      if (*number < CGLIBC_MOST_DESCRIPTORS) {
        descriptors[(*number)++] = descriptor;
      } else {
        close(descriptor);
        *truncated = true;
      }
    }
  }
  return result;
}

int cglibc_peer_credentials(int socket, pid_t *process, uid_t *user, gid_t *group) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  *process = credentials.pid;
  *user = credentials.uid;
  *group = credentials.gid;
  return 0;
}

// ---- Datagrams ----------------------------------------------------------------------------------------------------

ssize_t cglibc_receive_datagram(int socket, void *buffer, size_t count, struct sockaddr *sender, socklen_t *length) {
  return recvfrom(socket, buffer, count, MSG_DONTWAIT | MSG_TRUNC, sender, length);
}

ssize_t cglibc_send_datagram(int socket, const void *bytes, size_t count, const struct sockaddr *to, socklen_t length) {
  return sendto(socket, bytes, count, SEND_FLAGS, length > 0 ? to : NULL, length);
}

// What one call takes at most: its headers lie on the stack, which may be a fiber's.
#define BATCH 64

static size_t describe(struct mmsghdr *headers, struct iovec *parts, const struct cglibc_datagram *datagrams,
                       size_t number) {
  size_t most = number < BATCH ? number : BATCH;
  memset(headers, 0, most * sizeof *headers);
  for (size_t i = 0; i < most; i++) {
    parts[i] = (struct iovec){datagrams[i].bytes, datagrams[i].count};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
    headers[i].msg_hdr.msg_name = (void *)&datagrams[i].address;
    headers[i].msg_hdr.msg_namelen = datagrams[i].address_length;
  }
  return most;
}

int cglibc_receive_datagrams(int socket, struct cglibc_datagram *datagrams, size_t number) {
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  size_t most = describe(headers, parts, datagrams, number);
  for (size_t i = 0; i < most; i++) headers[i].msg_hdr.msg_namelen = sizeof datagrams[i].address;
  int received = recvmmsg(socket, headers, (unsigned)most, MSG_DONTWAIT, NULL);
  for (int i = 0; i < received; i++) {
    datagrams[i].count = headers[i].msg_len;
    datagrams[i].address_length = headers[i].msg_hdr.msg_namelen;
    datagrams[i].truncated = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }
  return received;
}

int cglibc_send_datagrams(int socket, const struct cglibc_datagram *datagrams, size_t number) {
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  size_t most = describe(headers, parts, datagrams, number);
  for (size_t i = 0; i < most; i++) {
    if (datagrams[i].address_length == 0) headers[i].msg_hdr.msg_name = NULL;
  }
  return sendmmsg(socket, headers, (unsigned)most, SEND_FLAGS);
}

// ---- Multicast ----------------------------------------------------------------------------------------------------

int cglibc_multicast_group(int socket, bool joins, const struct sockaddr *group, socklen_t length, unsigned interface) {
  struct group_req request = {.gr_interface = interface};
  if (length > sizeof request.gr_group) {
    errno = EINVAL;
    return -1;
  }
  memcpy(&request.gr_group, group, length);
  int level = group->sa_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  return setsockopt(socket, level, joins ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &request, sizeof request);
}

int cglibc_multicast_interface(int socket, int family, unsigned interface) {
  if (family == AF_INET6) {
    int index = (int)interface;
    return setsockopt(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index);
  }
  struct ip_mreqn request = {.imr_ifindex = (int)interface};
  return setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}
