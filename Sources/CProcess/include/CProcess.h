#ifndef CPROCESS_H
#define CPROCESS_H

// What a server does with processes and cannot do in Swift: code that runs before main, between fork and exec, or in
// a signal handler, and memory that several processes share.

#include "green_abort.h"
#include "green_image.h"
#include "green_inheritance.h"
#include "green_listener.h"
#include "green_log.h"
#include "green_scoreboard.h"
#include "green_signals.h"
#include "green_spawn.h"
#include "green_watch.h"
#include "green_worker.h"

#endif
