"""``--reload``: a change of a file that the application was imported from has the workers replaced."""

import os
import signal
import sys
import threading
import time

from . import _greenfinch


def _files(extra):
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path:
            yield path[:-1] if path.endswith(".pyc") else path
    yield from extra


def _times(extra):
    times = {}
    for path in set(_files(extra)):
        try:
            times[path] = os.stat(path).st_mtime_ns
        except OSError:
            continue
    return times


def _watch(extra, interval):
    before = _times(extra)
    while True:
        time.sleep(interval)
        now = _times(extra)
        changed = sorted(path for path, at in now.items() if before.get(path, at) != at)
        before = {**before, **now}
        if changed:
            _greenfinch.log(20, f"Worker reloading: {changed[0]} modified")
            os.kill(os.getppid(), signal.SIGHUP)


def start(interval=1):
    extra = [path for path in (_greenfinch.setting("reload_extra_files") or "").split(",") if path]
    threading.Thread(target=_watch, args=(extra, interval), name="reload", daemon=True).start()
