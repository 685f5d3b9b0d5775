"""Calls the master's hooks of a gunicorn.conf.py: ``python -m greenfinch._master FILE NAME=VALUE… DESCRIPTOR``.

The master, which is not Python, starts this beside itself. Each line that comes from it names a hook, with the worker's number
and how it ended where there is one, separated by tabs; each is answered by ``ok``, or by what was wrong. Two more lines, ``known`` and
``wanted``, tell of workers that were there before this process was. When no more can come, the master has ended, or has started
another of these at ``HUP``.
"""

import os
import signal
import socket
import sys
import traceback

from . import _config, _logging, _names
from ._hooks import Config, Server, Worker


class Master:
    """The hooks of a file, and what they are given."""

    def __init__(self, names, settings):
        self._names = names
        self.log = _logging.configure(settings.get, names).error
        cfg = Config(names, settings.get)
        self._server = Server(cfg, self.log, pid=os.getppid())
        self._age = 0

    def hooks(self):
        """The names of those that there are."""
        return [name for name in _names.MASTER_HOOKS if callable(self._names.get(name))]

    def answer(self, line):
        """Calls what a line asks for."""
        name, *fields = line.split("\t")
        try:
            self._call(name, fields)
        except BaseException as error:
            traceback.print_exc()
            return "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
        return "ok"

    def _call(self, name, fields):
        hook = self._names.get(name)
        if name in ("pre_fork", "child_exit"):
            worker = self._worker(name, int(fields[0]), fields[1:])
            if callable(hook):
                hook(self._server, worker)
        elif name == "known":
            pid = int(fields[0])
            self._server.WORKERS[pid] = self._made(pid)
        elif name == "wanted":
            self._server.num_workers = int(fields[0])
        elif name == "nworkers_changed":
            new, old = (int(field) if field else None for field in fields)
            self._server.num_workers = new
            if callable(hook):
                hook(self._server, new, old)
        elif callable(hook) and name in _names.MASTER_HOOKS:
            hook(self._server)

    def _worker(self, name, pid, rest):
        if name == "child_exit":
            worker = self._server.WORKERS.pop(pid, None) or self._made(pid)
            worker.alive = False
            worker.exit = rest[0] if rest else ""
            return worker
        self._server.WORKERS[pid] = self._made(pid)
        return self._server.WORKERS[pid]

    def _made(self, pid):
        self._age += 1
        return Worker(self._server.cfg, self.log, age=self._age, pid=pid, ppid=self._server.pid)


def main(arguments):
    """Answers until the master has ended."""
    location, *pairs, descriptor = arguments
    # What ends the master by its terminal ends this after it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    names = _config.read(location)
    master = Master(names, dict(pair.split("=", 1) for pair in pairs))
    with socket.socket(fileno=int(descriptor)) as connection, connection.makefile("rw", encoding="utf-8") as lines:
        print(" ".join(master.hooks()), file=lines, flush=True)
        if not master.hooks():
            return
        for line in lines:
            print(master.answer(line.rstrip("\n")), file=lines, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
