// gRPC's C core called from six fibers at once, each a thread of its own to C: Abseil's locks, on which it is built, know
// threads.

#include <green.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>

static int completed;

// A call to where nobody listens: it ends with an error, and it ends.
static void call(grpc_channel *channel, grpc_completion_queue *queue) {
  gpr_timespec end = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(500, GPR_TIMESPAN));
  grpc_slice method = grpc_slice_from_static_string("/a/b");
  grpc_call *call =
    grpc_channel_create_call(channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue, method, NULL, end, NULL);
  grpc_metadata_array metadata;
  grpc_metadata_array_init(&metadata);
  grpc_status_code status;
  grpc_slice details = grpc_empty_slice();
  grpc_op operations[2] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}, {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
  operations[1].data.recv_status_on_client.trailing_metadata = &metadata;
  operations[1].data.recv_status_on_client.status = &status;
  operations[1].data.recv_status_on_client.status_details = &details;
  grpc_call_start_batch(call, operations, 2, call, NULL);
  grpc_event event = grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
  if (event.type == GRPC_OP_COMPLETE && status != GRPC_STATUS_OK) completed++;
  grpc_slice_unref(details);
  grpc_metadata_array_destroy(&metadata);
  grpc_call_unref(call);
}

static void *client(void *unused) {
  grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
  grpc_channel *channel = grpc_channel_create("127.0.0.1:1", credentials, NULL);
  grpc_channel_credentials_release(credentials);
  grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
  for (int i = 0; i < 20; i++) call(channel, queue);
  grpc_channel_destroy(channel);
  return unused;
}

static void *clients(void *unused) {
  green_handle *fibers[6];
  for (int i = 0; i < 6; i++) fibers[i] = green_spawn_isolated(client, NULL, NULL);
  for (int i = 0; i < 6; i++) green_join(fibers[i], NULL, GREEN_NEVER);
  return unused;
}

int main(void) {
  grpc_init();
  green_run(clients, NULL, NULL);
  fprintf(stderr, "%d of 120 calls have ended\n", completed);
  _Exit(completed == 120 ? 0 : 1);
}
