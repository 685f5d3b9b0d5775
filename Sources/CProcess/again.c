#define _GNU_SOURCE

#include "cprocess_again.h"

#include <CSpawn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

static pid_t start(const cspawn_request *given, const char *const *variables) {
  cspawn_request request = *given;
  char **environment = NULL;
  if (cprocess_image_arguments() && cprocess_image_environment()) environment = make_environment(variables);
  if (!environment) {
    errno = ENOMEM;
    return -1;
  }
  request.arguments = cprocess_image_arguments();
  request.environment = environment;
  cspawn_result result;
  cspawn_start(&request, &result);
  free(environment);
  if (result.descriptor >= 0) close(result.descriptor);
  if (result.pid < 0) errno = result.error;
  return result.pid;
}

pid_t cprocess_start_again(int image, const char *const *variables, const int *inherited, size_t count) {
  const char *programs[] = {cprocess_image_path(), NULL};
  cspawn_request request = {
      .programs = image < 0 ? programs : NULL,
      .image = image,
      .streams = {-1, -1, -1},
      .inherited = inherited,
      .inherited_count = count,
      .dies_with_parent = 1,
  };
  return start(&request, variables);
}

pid_t cprocess_start_successor(const char *const *variables, const int *inherited, size_t count) {
  const char *programs[] = {cprocess_image_file(), NULL};
  cspawn_request request = {
      .programs = programs,
      .directory = cprocess_image_folder(),
      .streams = {-1, -1, -1},
      .inherited = inherited,
      .inherited_count = count,
  };
  return start(&request, variables);
}
