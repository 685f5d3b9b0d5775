#ifndef CPROCESS_H
#define CPROCESS_H

// What a server does with processes and cannot do in Swift: code that runs before main, between fork and exec, or in
// a signal handler, and memory that several processes share.

#include "cprocess_abort.h"
#include "cprocess_again.h"
#include "cprocess_fork_server.h"
#include "cprocess_image.h"
#include "cprocess_inheritance.h"
#include "cprocess_listener.h"
#include "cprocess_log.h"
#include "cprocess_metrics.h"
#include "cprocess_owner.h"
#include "cprocess_scoreboard.h"
#include "cprocess_watch.h"
#include "cprocess_withstand.h"
#include "cprocess_worker.h"

#endif
