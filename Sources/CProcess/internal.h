#ifndef GREEN_CPROCESS_INTERNAL_H
#define GREEN_CPROCESS_INTERNAL_H

// Between the files of CProcess; not for others.

#include <stdbool.h>

#include "green_scoreboard.h"

#pragma GCC visibility push(hidden)

void green_image_capture(int argc, char **argv, char **envp);
// Takes the worker variable out of the environment, and what it stands for if it is believed.
void green_inheritance_capture(void);
bool green_is_worker_variable(const char *entry);
// In a child of the worker. Async-signal-safe.
void green_signals_disown(void);
void green_scoreboard_disown(green_scoreboard *board);

#pragma GCC visibility pop
#endif
