#include <hiredis/async.h>
#include <hiredis/adapters/libev.h>
