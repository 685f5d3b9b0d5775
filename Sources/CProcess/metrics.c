#include "cprocess_metrics.h"

#include <string.h>

// Whole cache lines, so that no two workers write to one.
struct cprocess_metrics {
  _Alignas(64) uint64_t statuses[CPROCESS_STATUS_COUNT];
  uint64_t durations[CPROCESS_DURATION_COUNT + 1];
  uint64_t counts[CPROCESS_COUNTS];
  uint64_t levels[CPROCESS_LEVELS];
};

size_t cprocess_metrics_size(void) { return sizeof(struct cprocess_metrics); }

#define MICROSECOND 1000ull
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND (1000 * MILLISECOND)

static const uint64_t bounds[CPROCESS_DURATION_COUNT] = {
    10 * MICROSECOND,  25 * MICROSECOND,   50 * MICROSECOND,  100 * MICROSECOND,  250 * MICROSECOND,  500 * MICROSECOND,
    1 * MILLISECOND,   2500 * MICROSECOND, 5 * MILLISECOND,   10 * MILLISECOND,   25 * MILLISECOND,   50 * MILLISECOND,
    100 * MILLISECOND, 250 * MILLISECOND,  500 * MILLISECOND, 1 * SECOND,         2500 * MILLISECOND, 5 * SECOND,
    10 * SECOND,       25 * SECOND,        50 * SECOND,       100 * SECOND,
};

uint64_t cprocess_duration_bound(int bucket) { return bounds[bucket]; }

static void add(uint64_t *figure, uint64_t more) { __atomic_fetch_add(figure, more, __ATOMIC_RELAXED); }
static uint64_t load(const uint64_t *figure) { return __atomic_load_n(figure, __ATOMIC_RELAXED); }

void cprocess_metrics_request(cprocess_metrics *metrics, int status, uint64_t nanoseconds, uint64_t body_bytes) {
  int bucket = 0;
  while (bucket < CPROCESS_DURATION_COUNT && nanoseconds > bounds[bucket]) bucket++;
  add(&metrics->durations[bucket], 1);
  add(&metrics->counts[CPROCESS_COUNT_DURATION], nanoseconds);
  add(&metrics->counts[CPROCESS_COUNT_BODY_BYTES], body_bytes);
  int index = status - CPROCESS_STATUS_FIRST;
  if (index >= 0 && index < CPROCESS_STATUS_COUNT) add(&metrics->statuses[index], 1);
}

void cprocess_metrics_add(cprocess_metrics *metrics, int count, uint64_t more) { add(&metrics->counts[count], more); }
void cprocess_metrics_set_level(cprocess_metrics *metrics, int level, uint64_t value) {
  __atomic_store_n(&metrics->levels[level], value, __ATOMIC_RELAXED);
}

uint64_t cprocess_metrics_status(const cprocess_metrics *metrics, int status) {
  return load(&metrics->statuses[status - CPROCESS_STATUS_FIRST]);
}
uint64_t cprocess_metrics_duration(const cprocess_metrics *metrics, int bucket) { return load(&metrics->durations[bucket]); }
uint64_t cprocess_metrics_count(const cprocess_metrics *metrics, int count) { return load(&metrics->counts[count]); }
uint64_t cprocess_metrics_level(const cprocess_metrics *metrics, int level) { return load(&metrics->levels[level]); }

static void add_all(uint64_t *sums, const uint64_t *figures, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += load(&figures[i]);
}

void cprocess_metrics_sum(cprocess_metrics *sum, const cprocess_metrics *metrics) {
  add_all(sum->statuses, metrics->statuses, CPROCESS_STATUS_COUNT);
  add_all(sum->durations, metrics->durations, CPROCESS_DURATION_COUNT + 1);
  add_all(sum->counts, metrics->counts, CPROCESS_COUNTS);
}

void cprocess_metrics_clear(cprocess_metrics *metrics) { memset(metrics, 0, sizeof *metrics); }
