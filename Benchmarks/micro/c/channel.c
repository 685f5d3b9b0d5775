// Values handed over between two fibers through an unbuffered channel, written on the least scheduler there can be.
//
// With two arguments, through a buffer of as many as the first says.

#include "bench.h"
#include "scheduler.h"

static long count, capacity;
static long sum;

static struct channel {
  long *buffer;
  long used, head;
  cfiber_fiber *sender, *receiver;  // who is parked
  long *place;                     // where the parked one has its value, or wants it
} channel;

static void channel_send(long value) {
  if (channel.receiver) {
    *channel.place = value;
    ready(channel.receiver);
    channel.receiver = NULL;
  } else if (channel.used < capacity) {
    channel.buffer[(channel.head + channel.used++) % capacity] = value;
  } else {
    channel.sender = cfiber_current();
    channel.place = &value;
    park();
  }
}

static long channel_receive(void) {
  long value;
  if (channel.used > 0) {
    value = channel.buffer[channel.head];
    channel.head = (channel.head + 1) % capacity;
    channel.used--;
    if (channel.sender) {
      channel.buffer[(channel.head + channel.used++) % capacity] = *channel.place;
      ready(channel.sender);
      channel.sender = NULL;
    }
  } else if (channel.sender) {
    value = *channel.place;
    ready(channel.sender);
    channel.sender = NULL;
  } else {
    channel.receiver = cfiber_current();
    channel.place = &value;
    park();
  }
  return value;
}

static void sender(void *argument) {
  (void)argument;
  reap();
  for (long i = 0; i < count; i++) channel_send(i);
  finish();
}

static void receiver(void *argument) {
  (void)argument;
  reap();
  for (long i = 0; i < count; i++) sum += channel_receive();
  finish();
}

int main(int argument_count, char **arguments) {
  if (argument_count == 3) {
    capacity = atol(arguments[1]);
    arguments++;
    argument_count--;
  }
  count = count_argument(argument_count, arguments);
  start_scheduler();
  channel.buffer = malloc((size_t)(capacity + 1) * sizeof(long));
  spawn(sender, NULL);
  spawn(receiver, NULL);
  int64_t start = nanoseconds();
  run();
  show("ns", (double)(nanoseconds() - start) / (double)count);
  return sum != count * (count - 1) / 2;
}
