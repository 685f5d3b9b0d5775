"""Compares Sources/Green/Green.docc/GeventParity.md with the gevent that is installed: python3 of an environment with
gevent, such as the one that `make bench-peers` makes. Names that gevent has and the page does not are printed."""
import fnmatch
import importlib
import inspect
import pathlib
import pkgutil
import re
import sys
import warnings

import gevent

PAGE = pathlib.Path(__file__).parent.parent.parent / "Sources/Green/Green.docc/GeventParity.md"
# Classes whose members are listed too.
CLASSES = """greenlet.Greenlet hub.Hub hub.Waiter event.Event event.AsyncResult lock.Semaphore lock.RLock queue.Queue
queue.SimpleQueue queue.Channel pool.Group pool.Pool threadpool.ThreadPool threadpool.ThreadPoolExecutor timeout.Timeout
baseserver.BaseServer socket.socket subprocess.Popen fileobject.FileObjectPosix core.loop contextvars.ContextVar
contextvars.Context resolver.ares.Resolver select.poll""".split()


def sections():
    """The names in the first columns of each section, by the modules that its heading names."""
    names = {}
    modules = []
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            modules = line[3:].split(", ")
        elif line.startswith("| "):
            for module in modules:
                names.setdefault(module, set()).update(re.findall(r"`([^`]+)`", line.split(" | ")[0]))
    return names


def public(module):
    names = getattr(module, "__all__", None)
    if names is None:
        names = [
            name for name, value in vars(module).items()
            if not inspect.ismodule(value) and getattr(value, "__module__", module.__name__) == module.__name__
        ]
    return {name for name in names if not name.startswith("_")}


def modules():
    yield "gevent"
    for found in pkgutil.walk_packages(gevent.__path__, "gevent."):
        if any(part.startswith("_") or part in ("tests", "testing", "libuv") for part in found.name.split(".")[1:]):
            continue
        yield found.name


def main():
    warnings.simplefilter("ignore")
    listed = sections()
    missing = []
    counted = 0

    def expect(module, names):
        nonlocal counted
        patterns = listed.get(module, set())
        for name in sorted(names):
            counted += 1
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                missing.append(f"{module}: {name}")

    for name in modules():
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            print(f"not looked at: {name}: {error}")
            continue
        # What Python's own ssl has, gevent passes on as it is.
        names = public(module) - (set(dir(importlib.import_module("ssl"))) if name == "gevent.ssl" else set())
        expect(name, names)
    for path in CLASSES:
        module, _, name = path.rpartition(".")
        members = dir(getattr(importlib.import_module("gevent." + module), name))
        expect("gevent." + module, {member for member in members if not member.startswith("_")})
    for line in missing:
        print(line)
    print(f"gevent {gevent.__version__}: {counted - len(missing)} names are on the page, {len(missing)} are not")
    return 1 if missing else 0


sys.exit(main())
