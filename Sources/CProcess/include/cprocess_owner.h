#ifndef CPROCESS_OWNER_H
#define CPROCESS_OWNER_H

// The user and the groups that a worker is of. Its master names them in a variable of the environment, and the worker becomes
// them before main: nothing of the program runs as its master's user, which may be root.

#define CPROCESS_OWNER_VARIABLE "GREENFINCH_OWNER"  // "USER:GROUP:GROUP,GROUP", numbers

#endif
