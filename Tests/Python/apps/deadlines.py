"""Requests that compute for longer than they may, and others beside them."""

import json
import os
import sys
import threading
import time

import greenfinch

notes = []
lock = threading.Lock()


def begun(name):
    """Logs that a request has begun in its time with what takes longer."""
    print("begun /%s\n" % name, end="", file=sys.stderr, flush=True)


def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def compute_endlessly():
    while True:
        pass


def endless():
    begun("endless")
    compute_endlessly()


def catching():
    begun("catching")
    for number in range(2):
        try:
            compute_endlessly()
        except greenfinch.RequestTimeout as error:
            notes.append(str(error))


def locked():
    """Whoever waits for a lock gets it first."""
    begun("locked")
    with lock:
        notes.append("had the lock")
        compute_endlessly()


def sleeping():
    begun("sleeping")
    try:
        time.sleep(60)
    except TimeoutError as error:
        notes.append(type(error).__name__)
        told = time.monotonic()
        try:
            # What cleans up has its time, although it computes.
            compute(0.3)
            notes.append("cleaned up")
        except TimeoutError:
            # Which is a second: on a machine that had it wait meanwhile it may be over.
            if time.monotonic() - told < 0.9:
                raise
            notes.append("late")
        raise


def pipe():
    """A body that C code reads, so that no Python runs between the end of the time and the end of the request."""
    ours, theirs = os.pipe()
    threading.Timer(float(os.environ["PIPE_SECONDS"]), os.close, [theirs]).start()
    return os.fdopen(ours, "rb", buffering=0)


def application(environ, start_response):
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    body = [b"done"]
    if path == "/compute":
        compute(float(query))
    elif path == "/notes":
        body = [json.dumps(notes).encode()]
    elif path == "/free":
        body = [str(not lock.locked()).encode()]
    elif path == "/pipe":
        start_response("200 OK", [("Content-Length", "0")])
        return pipe()
    elif path != "/":
        globals()[path[1:]]()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return body
