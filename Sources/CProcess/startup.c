#define _GNU_SOURCE

#include "cprocess_fork_server.h"
#include "cprocess_image.h"
#include "cprocess_inheritance.h"
#include "internal.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

// A container may have no /dev: what is written to an event counter is refused.
static int open_nothing(void) {
  int fd = open("/dev/null", O_RDWR);
  return fd >= 0 ? fd : eventfd(0, EFD_NONBLOCK);
}

// A process that was started with standard input, output or error closed would be given sockets in their place, and its
// log lines would go to a client.
static void fill_standard_streams(void) {
  int fd = open_nothing();
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open_nothing();
  if (fd >= 0) close(fd);
}

// Runs before main. glibc hands a constructor what main gets.
__attribute__((constructor)) static void before_main(int argc, char **argv, char **envp) {
  fill_standard_streams();
  cprocess_image_capture(argc, argv, envp);
  cprocess_inheritance_capture();
  const cprocess_inheritance *worker = cprocess_worker_inheritance();
  cprocess_fork_server_capture();
  cprocess_owner_take(worker ? worker->handshake : cprocess_fork_server_socket());
  // exec of /proc/self/exe calls the process "exe", and that of a descriptor by its number.
  if (worker || cprocess_fork_server_socket() >= 0) cprocess_process_set_name(cprocess_image_name());
}
