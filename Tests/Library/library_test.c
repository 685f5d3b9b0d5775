// What green.h promises, each promise a function. Linked with the installed library, as a user's program is.

#include <errno.h>
#include <fcntl.h>
#include <green.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
      failures++;                                                            \
    }                                                                        \
  } while (0)

static void *same(void *context) { return context; }

static void in_hub(void *(*body)(void *)) { CHECK(green_run(body, NULL, NULL) == 0); }

// ---- Fibers -------------------------------------------------------------------------------------------------------

static void *nested(void *unused) {
  CHECK(green_run(same, NULL, NULL) == EBUSY);
  return unused;
}

static void a_hub_gives_back_what_its_body_returned(void) {
  void *result = NULL;
  CHECK(green_run(same, &failures, &result) == 0 && result == &failures);
  in_hub(nested);
}

static void *for_ever(void *unused) {
  int status = green_sleep_until(GREEN_NEVER);
  CHECK(status == ECANCELED && green_is_cancelled());
  // What can be done at once is still done; what would park is not.
  CHECK(green_sleep(GREEN_SECOND) == ECANCELED);
  CHECK(green_with_shield(same, &failures) == &failures);
  return unused == NULL ? (void *)1 : unused;
}

static void *joins(void *unused) {
  void *result = NULL;
  green_handle *fiber = green_spawn(same, &result, "a name");
  CHECK(green_join(fiber, &result, GREEN_NEVER) == 0 && result == &result);

  fiber = green_spawn(for_ever, NULL, NULL);
  CHECK(green_join(fiber, &result, green_after(5 * GREEN_MILLISECOND)) == ETIMEDOUT);
  green_cancel(fiber);
  CHECK(green_join(fiber, &result, GREEN_NEVER) == 0 && result == (void *)1);

  fiber = green_spawn(same, NULL, NULL);
  green_cancel(fiber);
  CHECK(green_join(fiber, &result, GREEN_NEVER) == ENOENT);

  green_detach(green_spawn(same, NULL, NULL));
  green_detach(NULL);
  return unused;
}

static void fibers_are_joined_cancelled_and_detached(void) {
  in_hub(joins);
  errno = 0;
  CHECK(green_spawn(same, NULL, NULL) == NULL && errno == EINVAL);
  CHECK(green_id() == 0 && !green_is_cancelled());
}

static void *past_deadline(void *unused) {
  CHECK(green_sleep(5 * GREEN_SECOND) == ETIMEDOUT);
  return unused;
}

static void *scopes(void *unused) {
  int64_t start = green_now();
  CHECK(green_with_deadline(green_after(20 * GREEN_MILLISECOND), past_deadline, NULL, NULL) == ETIMEDOUT);
  CHECK(green_now() - start < 4 * GREEN_SECOND);
  void *result = NULL;
  CHECK(green_with_deadline(green_after(60 * GREEN_SECOND), same, &result, &result) == 0 && result == &result);
  CHECK(green_sleep(GREEN_MILLISECOND) == 0);
  return unused;
}

static void a_scope_ends_the_waits_inside(void) { in_hub(scopes); }

static void a_channel_that_cannot_be_is_refused(void) {
  const size_t sizes[][2] = {{SIZE_MAX, 0}, {1, SIZE_MAX}, {SIZE_MAX / 4, 16}, {0, (size_t)1 << 63}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    errno = 0;
    CHECK(green_channel_create(sizes[i][0], sizes[i][1]) == NULL && errno == ENOMEM);
  }
}

static void *waits_in_vain(void *channel) {
  char byte;
  green_channel_receive(channel, &byte, GREEN_NEVER);
  return NULL;
}

static void a_hub_that_can_never_go_on_says_so(void) {
  green_channel *channel = green_channel_create(1, 0);
  CHECK(green_run(waits_in_vain, channel, NULL) == EDEADLK);
  green_channel_release(channel);
}

// ---- Waiting ------------------------------------------------------------------------------------------------------

static int ends[2];

static void *writer(void *unused) {
  green_sleep(5 * GREEN_MILLISECOND);
  CHECK(write(ends[1], "x", 1) == 1);
  return unused;
}

static void *waiting(void *unused) {
  CHECK(pipe(ends) == 0);
  CHECK(green_wait(ends[0], GREEN_READ, green_after(2 * GREEN_MILLISECOND)) == ETIMEDOUT);
  CHECK(green_wait(ends[1], GREEN_WRITE, GREEN_NEVER) == 0);
  CHECK(green_wait(ends[1], 7, GREEN_NEVER) == EINVAL);
  green_handle *fiber = green_spawn(writer, NULL, NULL);
  CHECK(green_wait(ends[0], GREEN_READ, GREEN_NEVER) == 0);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1 && byte == 'x');
  CHECK(green_join(fiber, NULL, GREEN_NEVER) == 0);
  return unused;
}

static void a_descriptor_is_waited_for(void) { in_hub(waiting); }

static void *closed_meanwhile(void *unused) {
  CHECK(green_wait(ends[0], GREEN_READ, GREEN_NEVER) == EBADF);
  return unused;
}

static void *closing(void *unused) {
  CHECK(pipe(ends) == 0);
  green_handle *fiber = green_spawn(closed_meanwhile, NULL, NULL);
  green_sleep(5 * GREEN_MILLISECOND);
  if (green_redirect_state() != GREEN_REDIRECT_ACTIVE) green_closing(ends[0]);
  close(ends[0]);
  CHECK(green_join(fiber, NULL, green_after(5 * GREEN_SECOND)) == 0);
  close(ends[1]);
  return unused;
}

static void a_close_wakes_who_waits(void) { in_hub(closing); }

static green_channel *about_to_wait;

static void *reads_until_closed(void *unused) {
  char byte;
  int error;
  do {
    CHECK(green_channel_send(about_to_wait, "w", GREEN_NEVER) == 0);
    error = green_wait(ends[0], GREEN_READ, green_after(60 * GREEN_SECOND));
  } while (error == 0 && read(ends[0], &byte, 1) < 0 && errno == EAGAIN);
  CHECK(error == EBADF || (error == 0 && errno == EBADF));
  return unused;
}

static void *hub_that_reads(void *unused) {
  in_hub(reads_until_closed);
  return unused;
}

// Who is told before the close tries again, and may wait again before it.
static void a_close_wakes_who_waits_in_another_hub(void) {
  for (int round = 0; round < 20; round++) {
    about_to_wait = green_channel_create(1, 1000);
    CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, hub_that_reads, NULL) == 0);
    char byte;
    CHECK(green_channel_receive(about_to_wait, &byte, green_after(60 * GREEN_SECOND)) == 0);
    // It may not wait yet.
    int tries = 0;
    do green_closing(ends[0]);
    while (green_channel_receive(about_to_wait, &byte, green_after(10 * GREEN_MILLISECOND)) != 0 && ++tries < 1000);
    close(ends[0]);
    green_closed(ends[0]);
    CHECK(pthread_join(thread, NULL) == 0);
    close(ends[1]);
    green_channel_release(about_to_wait);
  }
}

static void *closes(void *unused) {
  close(ends[0]);
  return unused;
}

static void *closed_by_threads(void *unused) {
  for (int round = 0; round < 500; round++) {
    CHECK(pipe(ends) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, closes, NULL) == 0);
    for (int i = 0; i < 20; i++) {
      int error = green_wait(ends[0], GREEN_READ, green_after(GREEN_MILLISECOND / 20));
      CHECK(error == ETIMEDOUT || error == EBADF || error == 0);
    }
    pthread_join(thread, NULL);
    close(ends[1]);
  }
  return unused;
}

static void a_close_on_another_thread_ends_no_process(void) { in_hub(closed_by_threads); }

static pthread_t hub_thread;

static void *elsewhere(void *context) {
  CHECK(!pthread_equal(pthread_self(), hub_thread));
  return context;
}

static void *offloads(void *unused) {
  hub_thread = pthread_self();
  void *result = NULL;
  CHECK(green_offload(elsewhere, &result, &result) == 0 && result == &result);
  return unused;
}

static void offloaded_work_runs_on_another_thread(void) { in_hub(offloads); }

// ---- Channels -----------------------------------------------------------------------------------------------------

struct element {
  uint64_t number;
  char text[24];
};

static void *sends(void *channel) {
  for (uint64_t number = 0; number < 100; number++) {
    struct element element = {number, "text"};
    CHECK(green_channel_send(channel, &element, GREEN_NEVER) == 0);
  }
  green_channel_close(channel);
  return NULL;
}

static void *channels(void *unused) {
  for (size_t capacity = 0; capacity < 20; capacity += 10) {
    green_channel *channel = green_channel_create(sizeof(struct element), capacity);
    green_handle *fiber = green_spawn(sends, channel, NULL);
    struct element element;
    uint64_t count = 0;
    while (green_channel_receive(channel, &element, GREEN_NEVER) == 0) {
      CHECK(element.number == count++ && strcmp(element.text, "text") == 0);
    }
    CHECK(count == 100);
    CHECK(green_channel_receive(channel, &element, GREEN_NEVER) == EPIPE);
    CHECK(green_channel_send(channel, &element, GREEN_NEVER) == EPIPE);
    CHECK(green_join(fiber, NULL, GREEN_NEVER) == 0);
    green_channel_release(channel);
  }
  green_channel *channel = green_channel_create(1, 1);
  CHECK(green_channel_send(channel, "a", GREEN_NEVER) == 0 && green_channel_count(channel) == 1);
  CHECK(green_channel_send(channel, "b", green_after(GREEN_MILLISECOND)) == ETIMEDOUT);
  green_channel_release(green_channel_retain(channel));
  green_channel_release(channel);
  return unused;
}

static void channels_carry_elements_in_order(void) { in_hub(channels); }

// ---- Hubs and threads ---------------------------------------------------------------------------------------------

static void *posted(void *channel) {
  CHECK(green_id() != 0 && pthread_equal(pthread_self(), hub_thread));
  green_channel_send(channel, "p", GREEN_NEVER);
  return NULL;
}

struct posting {
  green_hub *hub;
  green_channel *channel;
};

static void *posts(void *context) {
  struct posting *posting = context;
  usleep(5000);
  CHECK(green_hub_post(posting->hub, posted, posting->channel) == 0);
  return NULL;
}

static green_hub *ended;

static void *hub_of_other_threads(void *unused) {
  hub_thread = pthread_self();
  struct posting posting = {green_hub_current(), green_channel_create(1, 0)};
  pthread_t thread;
  pthread_create(&thread, NULL, posts, &posting);
  char byte = 0;
  CHECK(green_channel_receive(posting.channel, &byte, green_after(5 * GREEN_SECOND)) == 0 && byte == 'p');
  pthread_join(thread, NULL);
  ended = posting.hub;
  green_channel_release(posting.channel);
  return unused;
}

static void other_threads_post_to_a_hub(void) {
  CHECK(green_hub_current() == NULL);
  in_hub(hub_of_other_threads);
  CHECK(green_hub_post(ended, same, NULL) == ESRCH);
  green_hub_release(ended);
}

// ---- The redirect -------------------------------------------------------------------------------------------------

static void *naps(void *unused) {
  usleep(200000);
  return unused;
}

static int64_t time_of_ten_naps(void) {
  int64_t start = green_now();
  green_handle *fibers[10];
  for (int i = 0; i < 10; i++) fibers[i] = green_spawn(naps, NULL, NULL);
  for (int i = 0; i < 10; i++) CHECK(green_join(fibers[i], NULL, GREEN_NEVER) == 0);
  return green_now() - start;
}

static void *suspended(void *unused) {
  green_redirect_suspend();
  int64_t start = green_now();
  green_handle *fiber = green_spawn(naps, NULL, NULL);
  usleep(1000);
  CHECK(green_now() - start < GREEN_SECOND);
  green_redirect_resume();
  CHECK(green_join(fiber, NULL, GREEN_NEVER) == 0);
  return unused;
}

static void *redirected(void *expected) {
  bool active = green_redirect_state() == GREEN_REDIRECT_ACTIVE;
  CHECK(active == (expected != NULL));
  CHECK(strlen(green_redirect_explanation()) > 10);
  int64_t time = time_of_ten_naps();
  CHECK(active ? time < GREEN_SECOND : time >= 2 * GREEN_SECOND);
  return suspended(NULL);
}

// ---- Being asked --------------------------------------------------------------------------------------------------

static void *sleeper(void *unused) {
  green_sleep(10 * GREEN_MILLISECOND);
  return unused;
}

static void *asks(void *unused) {
  green_handle *fiber = green_spawn(sleeper, NULL, "a sleeper");
  green_yield();
  green_counters counters;
  CHECK(green_count(&counters, sizeof counters) == 0);
  CHECK(counters.alive == 2 && counters.parked == 1 && counters.spawned == 2 && counters.stack_size > 0);
  memset(&counters, 0xff, sizeof counters);
  CHECK(green_count(&counters, sizeof counters.switches) == 0 && counters.turns == UINT64_MAX);
  char *dump = green_dump();
  CHECK(dump != NULL && strstr(dump, "a sleeper") != NULL && strstr(dump, "library_test.c:") != NULL);
  free(dump);
  CHECK(green_join(fiber, NULL, GREEN_NEVER) == 0);
  return unused;
}

static void a_hub_tells_of_itself(void) {
  in_hub(asks);
  green_counters counters;
  CHECK(green_count(&counters, sizeof counters) == EINVAL);
  CHECK(green_dump() == NULL && errno == EINVAL);
  char *settings = green_settings();
  CHECK(strstr(settings, "GREEN_STACK_SIZE") != NULL);
  free(settings);
}

// ---- What libraries keep for each thread --------------------------------------------------------------------------

static _Thread_local uintptr_t word;
static void *find_word(void) { return &word; }

static void *keep_word(void *context) {
  CHECK(word == 0);
  word = (uintptr_t)context;
  green_sleep(1000000);
  CHECK(word == (uintptr_t)context);
  return NULL;
}

static void *keep_words(void *unused) {
  word = 9;
  CHECK(green_words_per_fiber(find_word, 1) == 0);
  CHECK(green_words_per_fiber(find_word, 0) == EINVAL);
  CHECK(green_words_per_fiber(NULL, 1) == EINVAL);
  green_handle *one = green_spawn(keep_word, (void *)1, "one"), *two = green_spawn(keep_word, (void *)2, "two");
  CHECK(green_join(one, NULL, GREEN_NEVER) == 0 && green_join(two, NULL, GREEN_NEVER) == 0);
  CHECK(word == 9);
  word = 0;
  return unused;
}

static void words_belong_to_the_fiber(void) { in_hub(keep_words); }

static _Thread_local uintptr_t unasked;

static void *be_a_thread(void *context) {
  uintptr_t before = unasked;
  unasked = (uintptr_t)context;
  green_sleep(1000000);
  CHECK(unasked == (uintptr_t)context);
  unasked = before;
  return (void *)pthread_self();
}

static void *spawn_isolated(void *unused) {
  const char *reason = "";
  bool can = green_can_isolate(&reason);
  CHECK(can == (reason == NULL) && can == green_can_isolate(NULL));
  if (!can) return fprintf(stderr, "no isolation: %s\n", reason), unused;
  void *threads[3];
  green_handle *fibers[3];
  for (uintptr_t i = 0; i < 3; i++) fibers[i] = green_spawn_isolated(be_a_thread, (void *)(i + 1), "thread");
  for (int i = 0; i < 3; i++) CHECK(green_join(fibers[i], &threads[i], GREEN_NEVER) == 0);
  CHECK(threads[0] != threads[1] && threads[1] != threads[2] && threads[0] != (void *)pthread_self());
  CHECK(unasked == 0);
  return unused;
}

static void a_fiber_is_a_thread_where_it_is_asked_for(void) { in_hub(spawn_isolated); }

int main(int count, char **arguments) {
  // Whether the redirect is expected to be in force.
  void *expected = count > 1 && strcmp(arguments[1], "redirected") == 0 ? arguments : NULL;
  CHECK(green_version() == GREEN_VERSION_MAJOR * 1000 + GREEN_VERSION_MINOR);
  CHECK(green_after(INT64_MAX) == GREEN_NEVER && green_now() > 0);
  a_hub_gives_back_what_its_body_returned();
  fibers_are_joined_cancelled_and_detached();
  a_scope_ends_the_waits_inside();
  a_channel_that_cannot_be_is_refused();
  a_hub_that_can_never_go_on_says_so();
  a_descriptor_is_waited_for();
  a_close_wakes_who_waits();
  a_close_wakes_who_waits_in_another_hub();
  a_close_on_another_thread_ends_no_process();
  offloaded_work_runs_on_another_thread();
  channels_carry_elements_in_order();
  other_threads_post_to_a_hub();
  words_belong_to_the_fiber();
  a_fiber_is_a_thread_where_it_is_asked_for();
  CHECK(green_keys_per_fiber("libxml2") == (expected ? 0 : ENOTSUP));
  CHECK(green_keys_per_fiber("lib/z") == (expected ? EINVAL : ENOTSUP));
  CHECK(green_run(redirected, expected, NULL) == 0);
  a_hub_tells_of_itself();
  if (failures == 0) printf("libgreen: every promise of green.h kept\n");
  return failures == 0 ? 0 : 1;
}
