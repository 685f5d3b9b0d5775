"""What Python leaves to a process's main thread: handlers of signals, and calls that others have asked it for."""

import ctypes
import json
import multiprocessing
import os
import signal
import sys
import threading
import time

notes = []


def handler(number, frame):
    notes.append(["signal", number, threading.current_thread() is threading.main_thread()])
    if number == signal.SIGRTMIN + 1:
        raise ValueError("of the handler")
    if number == signal.SIGRTMIN + 2:
        sys.exit("of the handler")
    if number == signal.SIGRTMIN + 3:
        raise KeyboardInterrupt


for more in range(4):
    signal.signal(signal.SIGRTMIN + more, handler)


@ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
def pending(_):
    notes.append(["pending", 0, threading.current_thread() is threading.main_thread()])
    return 0


def forked():
    """How a child of multiprocessing ends that is forked from where `threading` has been asked for the thread."""
    threading.current_thread()
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    process.join()
    return process.exitcode


def signalled(more):
    """Sends its own worker a signal, and goes on a little after the handler has been called."""
    count = len(notes)
    os.kill(os.getpid(), signal.SIGRTMIN + more)
    while len(notes) == count:
        time.sleep(0.02)
    time.sleep(0.5)
    return b"%d" % os.getpid()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/signalled":
        body = signalled(int(environ["QUERY_STRING"]))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]
    if environ["PATH_INFO"] == "/forked":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % forked()]
    if environ["PATH_INFO"] == "/pending":
        ctypes.pythonapi.Py_AddPendingCall(pending, None)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(notes).encode()]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["path"] == "/pending":
        ctypes.pythonapi.Py_AddPendingCall(pending, None)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": json.dumps(notes).encode()})
