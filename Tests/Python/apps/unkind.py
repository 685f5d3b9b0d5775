"""Views that do what applications should not do, or do seldom."""

import asyncio
import atexit
import faulthandler
import gc
import json
import multiprocessing
import signal
import sys
import tempfile
import threading
import time
import tracemalloc

closed = []


def text(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(body).encode()]


def signals(environ, start_response):
    """As in any thread but the main one."""
    try:
        signal.signal(signal.SIGUSR2, lambda *_: None)
    except ValueError as error:
        return text(start_response, error)


def loop_in_view(environ, start_response):
    async def both():
        return await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.to_thread(lambda: 2))

    return text(start_response, asyncio.run(both()))


def loop_in_loop(environ, start_response):
    async def outer():
        return asyncio.run(asyncio.sleep(0))

    try:
        return text(start_response, asyncio.run(outer()))
    except RuntimeError as error:
        return text(start_response, error)


def double(number):
    return number * 2


def pools(environ, start_response):
    kind = environ["QUERY_STRING"]
    with multiprocessing.get_context(kind).Pool(2) as pool:
        return text(start_response, pool.map(double, range(4)))


def traces(environ, start_response):
    """A debugger of one request sees its lines, and no other's."""
    seen = []

    def trace(frame, event, argument):
        seen.append(frame.f_code.co_name)
        return trace

    def traced():
        time.sleep(0.05)
        return len(seen)

    sys.settrace(trace)
    try:
        traced()
    finally:
        sys.settrace(None)
    return text(start_response, json.dumps(sorted(set(seen))))


def untraced(environ, start_response):
    time.sleep(0.01)
    return text(start_response, sys.gettrace())


def profiles(environ, start_response):
    import cProfile

    profile = cProfile.Profile()
    profile.runcall(time.sleep, 0.02)
    return text(start_response, len(profile.getstats()) > 0)


def memory(environ, start_response):
    tracemalloc.start()
    try:
        kept = bytes(1_000_000)
        time.sleep(0.01)
        return text(start_response, tracemalloc.get_traced_memory()[0] >= len(kept))
    finally:
        tracemalloc.stop()


def collector(environ, start_response):
    phases = []

    def note(phase, details):
        phases.append(phase)
        # Another request may run in the middle of a collection's callback.
        time.sleep(0.01)

    gc.callbacks.append(note)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(note)
    return text(start_response, phases)


def dump(environ, start_response):
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        return text(start_response, b"in dump" in file.read())


def at_exit(environ, start_response):
    atexit.register(print, "told at the end", flush=True)
    return text(start_response, "registered")


def left_thread(environ, start_response):
    threading.Thread(target=time.sleep, args=(0.3,)).start()
    return text(start_response, "left")


def endless(environ, start_response):
    """Until the client goes: the generator is closed then."""
    start_response("200 OK", [])

    def blocks():
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.append("endless")

    return blocks()


def raises_late(environ, start_response):
    start_response("200 OK", [])
    yield b"begun"
    raise ValueError("in the middle")


def raises_in_close(environ, start_response):
    start_response("200 OK", [])

    class Body:
        def __iter__(self):
            return iter([b"whole"])

        def close(self):
            raise ValueError("in close()")

    return Body()


def what_was_closed(environ, start_response):
    return text(start_response, len(closed))


def huge(environ, start_response):
    """300 MB at once, and as much piece by piece."""
    start_response("200 OK", [])
    if environ["QUERY_STRING"] == "pieces":
        return (bytes(1 << 20) for _ in range(300))
    return [bytes(300 << 20)]


def deep_text(environ, start_response):
    """C code that goes deep by itself."""
    value = []
    for _ in range(50_000):
        value = [value]
    try:
        repr(value)
    except RecursionError:
        return text(start_response, "too deep")
    finally:
        while value:
            value = value.pop()


def native_callbacks(environ, start_response):
    """A library that calls back into Python from a thread of its own."""
    import ctypes

    libc = ctypes.CDLL(None)
    kind = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
    found = []
    start = kind(lambda _: found.append(threading.get_ident()))
    thread = ctypes.c_ulong()
    assert libc.pthread_create(ctypes.byref(thread), None, start, None) == 0
    while not found:
        time.sleep(0.001)
    assert libc.pthread_join(thread, None) == 0
    return text(start_response, found[0] != threading.get_ident())


def modules_reload(environ, start_response):
    import importlib

    importlib.reload(json)
    return text(start_response, json.loads("1"))


def application(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    return globals()[name](environ, start_response) if name else text(start_response, "here")
