// SO_LINGER, see socket(7): the last close of a socket may wait until its data has arrived. Another thread closes it then.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include "cglibc_sockets.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

REAL(close)
REAL(setsockopt)

REDIRECTED int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
  int result = real_setsockopt()(fd, level, name, value, length);
  if (result == 0) cglibc_note_linger(level, name, value, length);
  return result;
}

// ---- One ----------------------------------------------------------------------------------------------------------

int credirect_copy_to_linger(int fd) { return fd >= 0 && fiber_table() != NULL ? cglibc_lingering_copy(fd) : -1; }

static void close_copy(void *copy) { real_close()((int)(intptr_t)copy); }

static void keep(void *copy) { (void)copy; }

// The fiber waits as long as the kernel would; when it is cancelled, only the thread does.
void credirect_linger(int copy) {
  if (copy < 0) return;
  const credirect_table *table = fiber_table();
  void *context = (void *)(intptr_t)copy;
  int saved = errno;
  int error = table != NULL ? table->offload_droppable(close_copy, context, keep) : EAGAIN;
  // Without a thread, here.
  if (error != 0 && error != ECANCELED && error != ETIMEDOUT) close_copy(context);
  errno = saved;
}

// ---- Several ------------------------------------------------------------------------------------------------------
//
// No copies: their numbers might be in the range too.

struct one {
  int fd;
  bool was_watched;
};

struct several {
  size_t count, room;
  struct one *descriptors;
};

static bool add(struct several *several, int fd) {
  if (several->count == several->room) {
    size_t room = several->room == 0 ? 16 : several->room * 2;
    struct one *larger = realloc(several->descriptors, room * sizeof *larger);
    if (larger == NULL) return false;
    several->descriptors = larger;
    several->room = room;
  }
  several->descriptors[several->count++] = (struct one){fd, false};
  return true;
}

// Without /proc, none: then the hub waits for them.
static void find(struct several *several, unsigned first, unsigned last) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return;
  struct dirent *entry;
  while ((entry = readdir(folder)) != NULL) {
    char *end;
    unsigned long fd = strtoul(entry->d_name, &end, 10);
    if (*end != '\0' || fd < first || fd > last || !cglibc_lingers((int)fd)) continue;
    if (!add(several, (int)fd)) break;
  }
  closedir(folder);
}

static void close_each(void *context) {
  const struct several *several = context;
  for (size_t i = 0; i < several->count; i++) real_close()(several->descriptors[i].fd);
}

void credirect_close_lingering(unsigned first, unsigned last) {
  const credirect_table *table = cglibc_anything_lingers() ? fiber_table() : NULL;
  if (table == NULL) return;
  int saved = errno;
  struct several several = {0, 0, NULL};
  find(&several, first, last);
  for (size_t i = 0; i < several.count; i++) {
    several.descriptors[i].was_watched = credirect_descriptor_closing(several.descriptors[i].fd);
  }
  if (several.count > 0) credirect_on_thread(table, close_each, &several);
  for (size_t i = 0; i < several.count; i++) {
    credirect_descriptor_closed(several.descriptors[i].fd, several.descriptors[i].was_watched);
  }
  free(several.descriptors);
  errno = saved;
}
