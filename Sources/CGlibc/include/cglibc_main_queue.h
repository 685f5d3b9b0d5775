#ifndef CGLIBC_MAIN_QUEUE_H
#define CGLIBC_MAIN_QUEUE_H

// libdispatch's main queue, for a loop on the program's first thread.

// Readable when the queue has something to run. -1 on another thread, and where the program has no libdispatch.
int cglibc_main_queue_descriptor(void);
// Takes note that it was readable: before the queue is run.
void cglibc_main_queue_clear(int descriptor);
// Runs what is in the queue. Only where there is a descriptor.
void cglibc_main_queue_run(void);

#endif
