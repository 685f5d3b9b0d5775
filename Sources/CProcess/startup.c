#define _GNU_SOURCE

#include "green_image.h"
#include "green_inheritance.h"
#include "internal.h"

// Runs before main. glibc hands a constructor what main gets.
__attribute__((constructor)) static void before_main(int argc, char **argv, char **envp) {
  green_image_capture(argc, argv, envp);
  green_inheritance_capture();
  // exec of /proc/self/exe calls the process "exe".
  if (green_worker_inheritance()) green_process_set_name(green_image_name());
}
