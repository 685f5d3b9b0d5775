"""Green threads in a Python program, by ctypes: runs a hub, and reads what it counts.

    python3 green.py [LIBRARY]

Loaded like this, the library gives the runtime without the redirect, since the interpreter's calls are bound to libc
already; started with LD_PRELOAD=libgreen.so, also the redirect. The fibers here run native functions: a Python function
may be the body of a fiber, but must not wait in it by green_sleep and the like while another one does, since CPython keeps
one thread state for the thread and not one for each fiber.
"""

import ctypes
import os
import sys
import time

BODY = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
SECOND = 1_000_000_000


class Counters(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "switches", "turns", "spawned", "alive", "parked", "descriptors", "timers", "stacks", "stacks_most",
        "stack_size")]


def load(path):
    library = ctypes.CDLL(path)
    library.green_run.argtypes = [BODY, ctypes.c_void_p, ctypes.c_void_p]
    library.green_spawn_at.argtypes = [
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint]
    library.green_spawn_at.restype = ctypes.c_void_p
    library.green_join.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.green_count.argtypes = [ctypes.POINTER(Counters), ctypes.c_size_t]
    library.green_redirect_explanation.restype = ctypes.c_char_p
    return library


def main():
    green = load(sys.argv[1] if len(sys.argv) > 1 else "libgreen.so.0")
    print(green.green_redirect_explanation().decode())
    sleep = ctypes.cast(green.green_sleep, ctypes.c_void_p)
    counters = Counters()

    @BODY
    def body(_):
        # Each fiber runs green_sleep itself, with half a second for its argument.
        fibers = [green.green_spawn_at(sleep, SECOND // 2, b"sleeper", b"green.py", 45) for _ in range(1000)]
        for fiber in fibers:
            error = green.green_join(fiber, None, 2**63 - 1)
            if error != 0:
                print(f"green_join: {os.strerror(error)}", file=sys.stderr)
        green.green_count(ctypes.byref(counters), ctypes.sizeof(counters))
        return None

    start = time.monotonic()
    error = green.green_run(body, None, None)
    if error != 0:
        sys.exit(f"green_run: {os.strerror(error)}")
    print(f"1,000 fibers slept for 0.5 s each, in {time.monotonic() - start:.2f} s in all")
    for name, _ in Counters._fields_:
        print(f"{name} {getattr(counters, name)}")


main()
