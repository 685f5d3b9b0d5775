"""What a worker is at: its fibers, and the Python frames of each request."""

import os
import sys

from . import _greenfinch

#: Coroutines that await one another, at the most.
DEEPEST = 200
#: What a sync worker serves requests below, on the main thread.
WORKER = os.path.join(os.path.dirname(__file__), "_worker.py")


def dump():
    """All fibers of the worker and what each waits for; then each request with its line, its id and its Python frames, and the
    other threads that run Python. Raises ``RuntimeError`` outside a worker."""
    return _greenfinch.dump() + "\n" + python_part(_greenfinch.running)


def python_part(running):
    """The requests and the threads, each with its frames.

    ``running`` tells the requests, as :func:`_greenfinch.running`: (line, id, ident of the thread or 0, task or ``None``).
    """
    before = running()
    frames = sys._current_frames()
    # A thread whose request has ended meanwhile may be at another: frames are of what it was at before and after.
    after = set(running())
    parts = []
    for row in before:
        line, name, ident, task = row
        if task is None and row not in after:
            continue
        if task is not None:
            parts.append("%s, id %s, in a task:\n%s" % (line, name, _of_coroutine(task.get_coro())))
        else:
            parts.append("%s, id %s, thread %d:\n%s" % (line, name, ident, _of_frame(frames.pop(ident, None))))
    names = _names()
    for ident, frame in frames.items():
        parts.append("no request of its own, thread %d%s:\n%s" % (ident, names.get(ident, ""), _of_frame(frame)))
    return "".join(parts)


def _names():
    import threading

    return {thread.ident: " (%s)" % thread.name for thread in threading.enumerate()}


def _of_frame(frame):
    import traceback

    # The one that asks is not told of as asking.
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None:
        return "  no Python frames\n"
    frames = []
    while frame is not None and (not frames or frame.f_code.co_filename != WORKER):
        frames.append((frame, frame.f_lineno))
        frame = frame.f_back
    return "".join(traceback.StackSummary.extract(reversed(frames)).format())


def _of_coroutine(coroutine):
    """The frames of what a coroutine awaits, as far as that is Python's: of what it calls while it runs, its thread tells."""
    import traceback

    frames = []
    while coroutine is not None and len(frames) < DEEPEST:
        frame = _first(coroutine, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            frames.append((frame, frame.f_lineno))
        coroutine = _first(coroutine, "cr_await", "gi_yieldfrom", "ag_await")
    if not frames:
        return "  no Python frames\n"
    return "".join(traceback.StackSummary.extract(frames).format())


def _first(of, *names):
    for name in names:
        value = getattr(of, name, None)
        if value is not None:
            return value
    return None
