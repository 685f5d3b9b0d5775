#define _GNU_SOURCE

#include "cprocess_again.h"

#include <CSpawn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cprocess_image.h"

static size_t count_of(const char *const *strings) {
  size_t count = 0;
  while (strings[count]) count++;
  return count;
}

// Whether an entry of the environment is of the same name as one of these variables.
static int is_replaced(const char *entry, const char *const *variables) {
  size_t length = strcspn(entry, "=");
  for (; *variables; variables++)
    if (strncmp(entry, *variables, length) == 0 && (*variables)[length] == '=') return 1;
  return 0;
}

// The original environment with these variables, of which getenv would find the original first; free() it.
static char **make_environment(const char *const *variables) {
  char *const *original = cprocess_image_environment();
  size_t count = count_of((const char *const *)original), more = count_of(variables);
  char **environment = calloc(count + more + 1, sizeof *environment);
  if (!environment) return NULL;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!is_replaced(original[i], variables)) environment[kept++] = original[i];
  for (size_t i = 0; i < more; i++) environment[kept++] = (char *)variables[i];
  return environment;
}

// So that whoever waits for the end of a pipe that this process has inherited does not wait for a server in the background.
static void keep_from_children(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */) == 0) return;
#endif
  for (int descriptor = 3; descriptor < 65536; descriptor++) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

pid_t cprocess_start_again(const cprocess_start *start) {
  if (start->is_apart) keep_from_children();
  char **environment = NULL;
  if (cprocess_image_arguments() && cprocess_image_environment()) environment = make_environment(start->variables);
  if (!environment) {
    errno = ENOMEM;
    return -1;
  }
  const char *programs[] = {start->path ? start->path : cprocess_image_path(), NULL};
  cspawn_request request = {
      .programs = start->path || start->image < 0 ? programs : NULL,
      .image = start->image,
      .arguments = start->arguments ? (char *const *)start->arguments : cprocess_image_arguments(),
      .environment = environment,
      .directory = start->outlives ? cprocess_image_folder() : NULL,
      .streams = {start->streams, start->streams, start->streams},
      .group = start->is_apart ? CSPAWN_GROUP_SESSION : CSPAWN_GROUP_INHERITED,
      .inherited = start->inherited,
      .inherited_count = start->inherited_count,
      .dies_with_parent = !start->outlives,
  };
  cspawn_result result;
  cspawn_start(&request, &result);
  free(environment);
  if (result.descriptor >= 0) close(result.descriptor);
  if (result.pid < 0) errno = result.error;
  return result.pid;
}
