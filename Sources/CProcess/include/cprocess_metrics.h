#ifndef CPROCESS_METRICS_H
#define CPROCESS_METRICS_H

// What a worker counts of its requests, in memory that it shares with the master. One process writes, from any of its
// threads; every access is one atomic operation, so that a reader sees each figure whole, and a worker that dies at any
// moment leaves the figures usable.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPROCESS_STATUS_FIRST 100
#define CPROCESS_STATUS_COUNT 500   // 100 to 599
#define CPROCESS_DURATION_COUNT 22  // and one more for what is longer

// Things that are counted besides.
enum {
  CPROCESS_COUNT_BODY_BYTES,   // of answers
  CPROCESS_COUNT_DURATION,     // the sum of all durations, in nanoseconds
  CPROCESS_COUNT_CONNECTIONS,  // accepted
  CPROCESS_COUNT_REFUSED,      // requests that broke a rule
  CPROCESS_COUNT_FAILED,       // requests whose handler threw
  CPROCESS_COUNT_TIMED_OUT,    // requests that took too long
  CPROCESS_COUNT_LOST_LINES,   // of the logs
  CPROCESS_COUNT_ERROR_LINES,  // of the error log, of level error and above
  CPROCESS_COUNTS,
};

// Figures that go up and down.
enum {
  CPROCESS_LEVEL_FIBERS,
  CPROCESS_LEVEL_OWN_FIGURES,  // whether the application counts something itself
  CPROCESS_LEVELS,
};

typedef struct cprocess_metrics cprocess_metrics;

// One worker's take so many bytes: whole cache lines.
size_t cprocess_metrics_size(void);

// Up to how many nanoseconds the durations of a bucket are; ascending. Of the bucket after the last there is no bound.
uint64_t cprocess_duration_bound(int bucket);

// A request that was answered with a status, after so many nanoseconds.
void cprocess_metrics_request(cprocess_metrics *metrics, int status, uint64_t nanoseconds, uint64_t body_bytes);
void cprocess_metrics_add(cprocess_metrics *metrics, int count, uint64_t more);
void cprocess_metrics_set_level(cprocess_metrics *metrics, int level, uint64_t value);

uint64_t cprocess_metrics_status(const cprocess_metrics *metrics, int status);
// The bucket is between 0 and CPROCESS_DURATION_COUNT.
uint64_t cprocess_metrics_duration(const cprocess_metrics *metrics, int bucket);
uint64_t cprocess_metrics_count(const cprocess_metrics *metrics, int count);
uint64_t cprocess_metrics_level(const cprocess_metrics *metrics, int level);

// Adds all figures but the levels of one to another, which nobody else uses.
void cprocess_metrics_sum(cprocess_metrics *sum, const cprocess_metrics *metrics);
// Sets all figures to zero. Only while no worker has them.
void cprocess_metrics_clear(cprocess_metrics *metrics);

#ifdef __cplusplus
}
#endif
#endif
