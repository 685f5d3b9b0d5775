// The same exchange of stacks as c/switch.c, by Boost.Context.

#include <boost/context/detail/fcontext.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace boost::context::detail;

static void body(transfer_t from) {
  for (;;) from = jump_fcontext(from.fctx, nullptr);
}

int main(int argument_count, char **arguments) {
  long count = argument_count == 2 ? std::strtol(arguments[1], nullptr, 10) : 0;
  if (count <= 0) return 2;
  alignas(16) static char stack[64 * 1024];
  transfer_t fiber = jump_fcontext(make_fcontext(stack + sizeof stack, sizeof stack, body), nullptr);
  auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < count / 2; i++) fiber = jump_fcontext(fiber.fctx, nullptr);
  std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  std::printf("ns %.9g\n", taken.count() / static_cast<double>(count));
}
