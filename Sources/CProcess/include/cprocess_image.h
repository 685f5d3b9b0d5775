#ifndef CPROCESS_IMAGE_H
#define CPROCESS_IMAGE_H

// The program as it was started: its arguments and environment, copied before main, and its names for `ps`.

#ifdef __cplusplus
extern "C" {
#endif

// The arguments and the environment as the program got them, without the variables of what it inherits;
// NULL-terminated. They stay as they were, whatever the program does to its environment and its title. NULL when memory
// was short before main.
char *const *cprocess_image_arguments(void);
char *const *cprocess_image_environment(void);
// The file to execute to run this image once more: /proc/self/exe, which is this image even where another file has been
// put in its place; or the path that it was started by, as it was before main, where /proc is not mounted, or is another
// program's: under Valgrind it is Valgrind itself.
const char *cprocess_image_path(void);
// The working directory, by the links that lead there where the shell has noted them in PWD: what a deployment puts in a
// link's place is found under this name, and not under the one that the kernel knows. free() it; NULL with errno.
char *cprocess_working_folder(void);
// The same as it was when the program was started; NULL where it was not known.
const char *cprocess_image_folder(void);
// Where the program was started from, absolute, with links as they were given: what is there now may be another. "" when
// that is not known.
const char *cprocess_image_file(void);
// Opens what is there now, to be executed; close-on-exec. -1 with errno.
int cprocess_image_open(void);
// The last component of the first argument; "greenfinch" where there is none.
const char *cprocess_image_name(void);

// What `ps` shows as the command line. Writes over the memory of the arguments (moving the environment away first
// where the title is longer than they are), so read those before.
void cprocess_process_set_title(const char *title);
// What `top` and `ps -o comm` show for this process; cut to 15 bytes.
void cprocess_process_set_name(const char *name);
// How many threads this process has; -1 with errno where that cannot be known.
int cprocess_process_thread_count(void);

#ifdef __cplusplus
}
#endif
#endif
