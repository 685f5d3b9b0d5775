#define _GNU_SOURCE

#include "cprocess_image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include "internal.h"

static char **arguments;
static char **environment;
static const char *name = "greenfinch";

// The memory of the arguments, and of the environment after it, as the kernel laid them out: one run of strings.
static char *title_start;
static char *arguments_end;
static char *strings_end;

// Copies a NULL-terminated array and its strings, all but the variables of what is inherited.
static char **copy_strings(char *const *strings) {
  size_t count = 0;
  while (strings[count]) count++;
  char **copy = calloc(count + 1, sizeof *copy);
  if (!copy) return NULL;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (cprocess_is_own_variable(strings[i])) continue;
    if (!(copy[kept++] = strdup(strings[i]))) return NULL;
  }
  return copy;
}

static const char *started_by;
static char *file;
static char *working_folder;

char *cprocess_working_folder(void) {
  const char *given = getenv("PWD");
  struct stat named, here;
  int is_here = given && *given == '/' && stat(given, &named) == 0 && stat(".", &here) == 0 &&
                named.st_dev == here.st_dev && named.st_ino == here.st_ino;
  return is_here ? strdup(given) : getcwd(NULL, 0);
}

// The path that execve was given, absolute. Under Valgrind that is the client's too.
static void capture_path(void) {
  const char *path = (const char *)getauxval(AT_EXECFN);
  if (!path) return;
  started_by = realpath(path, NULL);
  const char *folder = *path == '/' ? NULL : working_folder;
  if (asprintf(&file, "%s%s%s", folder ? folder : "", folder ? "/" : "", path) < 0) file = NULL;
}

const char *cprocess_image_folder(void) { return working_folder; }

const char *cprocess_image_file(void) { return file ? file : ""; }

int cprocess_image_open(void) { return open(cprocess_image_file(), O_PATH | O_CLOEXEC); }

// Valgrind answers readlink of /proc/self/exe for its client, but the kernel knows only Valgrind.
static int is_own(const char *link) {
  struct stat image, started;
  if (stat(link, &image) != 0) return 0;
  if (!started_by || !RUNNING_ON_VALGRIND) return 1;
  return stat(started_by, &started) != 0 || (image.st_dev == started.st_dev && image.st_ino == started.st_ino);
}

const char *cprocess_image_path(void) {
  static const char link[] = "/proc/self/exe";
  return is_own(link) || !started_by ? link : started_by;
}

void cprocess_image_capture(int argc, char **argv, char **envp) {
  if (argc < 1 || !argv || !argv[0]) return;
  working_folder = cprocess_working_folder();
  capture_path();
  arguments = copy_strings(argv);
  environment = copy_strings(envp);
  if (arguments) {
    const char *slash = strrchr(arguments[0], '/');
    const char *last = slash ? slash + 1 : arguments[0];
    if (*last) name = last;
  }

  char *end = argv[0];
  for (int i = 0; i < argc && argv[i] == end; i++) end = argv[i] + strlen(argv[i]) + 1;
  title_start = argv[0];
  arguments_end = end;
  for (char **entry = envp; *entry; entry++)
    if (*entry == end) end = *entry + strlen(*entry) + 1;
  strings_end = end;
}

char *const *cprocess_image_arguments(void) { return arguments; }
char *const *cprocess_image_environment(void) { return environment; }
const char *cprocess_image_name(void) { return name; }

// Gives the environment memory of its own where it still lies after the arguments. 0 when memory is short.
static int move_environment(void) {
  for (char **entry = environ; entry && *entry; entry++) {
    if (*entry < title_start || *entry >= strings_end) continue;
    char *moved = strdup(*entry);
    if (!moved) return 0;
    *entry = moved;
  }
  return 1;
}

void cprocess_process_set_title(const char *title) {
  if (!title_start) return;
  // What lies in the arguments and is read later by others.
  if (program_invocation_name >= title_start && program_invocation_name < strings_end && arguments) {
    program_invocation_name = arguments[0];
    program_invocation_short_name = (char *)name;
  }
  size_t length = strlen(title);
  size_t room = (size_t)(arguments_end - title_start);
  // The kernel shows all of the arguments' memory; but where its last byte is not 0 it takes the title to go on into
  // the environment, up to the first 0.
  if (length >= room && move_environment()) room = (size_t)(strings_end - title_start);
  if (length >= room) length = room - 1;
  memcpy(title_start, title, length);
  char *end = title_start + length;
  memset(end, 0, end < arguments_end ? (size_t)(arguments_end - end) : 1);
}

void cprocess_process_set_name(const char *text) { prctl(PR_SET_NAME, text, 0, 0, 0); }

int cprocess_process_thread_count(void) {
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return -1;
  int count = 0;
  for (struct dirent *entry; (entry = readdir(tasks));)
    if (entry->d_name[0] != '.') count++;
  closedir(tasks);
  return count;
}
