"""The parts of compare.py in which requests wait, and servers that have nothing to do."""

import http.client
import os
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import compare
import load  # of the folder that compare names
import proc

HERE = Path(__file__).resolve().parent
FLASK = compare.ROOT / "Examples" / "flask"
DJANGO = compare.ROOT / "Examples" / "django"
SLEEPERS = 1000
#: How long each of them sleeps, in seconds: until all are there, and their memory was looked at.
NAP = 10
#: Requests at once of Django.
ASKERS = 20


def ask(port, path="/", timeout=60):
    """One answer, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} was answered with {answer.status}: {body[:200]!r}")
        return body
    finally:
        connection.close()


def wait_until_still(pid, seconds=120):
    """Until no process of a server has used the processor for a second. Returns them."""
    pids = compare.wait_until_idle(pid, seconds, still=1)
    if pids is None:
        raise SystemExit("the server does not come to rest")
    return pids


def both(bin_folder, application, options, port):
    """The command lines of Greenfinch and of gunicorn with gevent, with the same options."""
    place = ["-b", f"127.0.0.1:{port}"]
    return {
        "greenfinch green": [f"{bin_folder}/greenfinch", application, "-k", "green", *options, *place],
        "gunicorn gevent": [f"{bin_folder}/gunicorn", application, "-k", "gevent", *options, *place],
    }


def sides(bin_folder, application, options, only):
    """The names and what makes the command lines."""
    for name in both(bin_folder, application, options, 0):
        if compare.is_wanted(name, only):
            yield name, lambda port, name=name: both(bin_folder, application, options, port)[name]


def beside(found, name):
    """How one compares with gunicorn in the same run, as a cell."""
    peer = next((value for key, value in found.items() if key.startswith("gunicorn")), None)
    return f"{found[name] / peer:.2f}" if peer else ""


# ---- Two idle workers ----------------------------------------------------------------------------------------------


def idle(bin_folder, options):
    """All processes count: the master, and with --preload the process that the workers are forked from."""
    print("| two idle workers, Flask | processes | PSS MB | × gunicorn's |\n| --- | ---: | ---: | ---: |")
    for more in ([], ["--preload"]):
        sizes, counts = {}, {}
        for _ in range(options.rounds):
            for name, command in sides(bin_folder, "hello_flask:app", ["-w", "2", *more], options.only):
                port = compare.free_port()
                with compare.running(command(port), port, HERE / "apps") as process:
                    # So many that both have been asked.
                    for _ in range(40):
                        ask(port)
                    pids = wait_until_still(process.pid)
                    sizes.setdefault(name, []).append(proc.usage_of(pids).pss)
                    counts[name] = len(pids)
        found = {name: statistics.median(values) for name, values in sizes.items()}
        for name, size in found.items():
            print(f"| {' '.join([name, *more])} | {counts[name]} | {size:.1f} | {beside(found, name)} |", flush=True)


# ---- Requests that sleep -------------------------------------------------------------------------------------------


def raise_limit(wanted):
    """Of descriptors, in this process and what it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def ask_at_once(port, count, path):
    """Sends so many requests, each over a connection of its own. Returns the connections."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.sendall(request)
        connections.append(connection)
    return connections


def count_answers(connections, seconds):
    """How many are answered with 200 in that time. Closes all of them."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection, selectors.EVENT_READ)
    end, right = time.monotonic() + seconds, 0
    while selector.get_map() and time.monotonic() < end:
        for key, _ in selector.select(1):
            try:
                right += key.fileobj.recv(65536).startswith(b"HTTP/1.1 200")
            except OSError:
                pass
            selector.unregister(key.fileobj)
    selector.close()
    for connection in connections:
        connection.close()
    return right


def memory_of_sleepers(process, port):
    """What each takes, in KB, and how many were answered rightly."""
    ask(port)
    pids = wait_until_still(process.pid)
    before = proc.usage_of(pids).pss
    connections = ask_at_once(port, SLEEPERS, f"/?{NAP}")
    most, end = before, time.monotonic() + NAP * 0.8
    while time.monotonic() < end:
        most = max(most, proc.usage_of(pids).pss)
        time.sleep(0.5)
    right = count_answers(connections, NAP * 6)
    return (most - before) * 1000 / SLEEPERS, right


def sleepers(bin_folder, options):
    """By one worker, which was asked once before."""
    raise_limit(8192)
    print(f"| {SLEEPERS:,} requests that sleep | KB each | answered |\n| --- | ---: | ---: |")
    runs = {}
    for _ in range(options.rounds):
        room = ["-w", "1", "--worker-connections", str(2 * SLEEPERS)]
        for name, command in sides(bin_folder, "sleeper:app", room, options.only):
            port = compare.free_port()
            with compare.running(command(port), port, HERE / "apps") as process:
                runs.setdefault(name, []).append(memory_of_sleepers(process, port))
    for name, found in runs.items():
        size = statistics.median(size for size, _ in found)
        print(f"| {name} | {size:.1f} | {min(right for _, right in found):,} |", flush=True)
    return [f"sleepers, {name}: {SLEEPERS - right} requests were not answered" for name, found in runs.items()
            if (right := min(right for _, right in found)) < SLEEPERS]


# ---- The article's table -------------------------------------------------------------------------------------------


def ab(bin_folder, options):
    """The article's own program, by two workers."""
    raise_limit(8192)
    print("| the article's program, two workers | ab -n 50 -c 10, s | ab -n 4000 -c 1000, s | failures |")
    print("| --- | ---: | ---: | ---: |")
    runs = {}
    for _ in range(options.rounds):
        room = ["-w", "2", "--worker-connections", "1000"]
        for name, command in sides(bin_folder, "server:app", room, options.only):
            port = compare.free_port()
            with compare.running(command(port), port, FLASK) as process:
                wait_until_still(process.pid)
                found = []
                for count, at_once in ((50, 10), (4000, 1000)):
                    found.append(load.run(load.ab(f"http://127.0.0.1:{port}/", count, at_once), 300))
                runs.setdefault(name, []).append(found)
    problems = []
    for name, all_of_them in runs.items():
        seconds = [statistics.median(found[index].figures["seconds"] for found in all_of_them) for index in range(2)]
        failures = sum(result.failures for found in all_of_them for result in found)
        print(f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {failures} |", flush=True)
        if failures:
            problems.append(f"ab, {name}: {failures} requests failed")
    return problems


# ---- Django on PostgreSQL ------------------------------------------------------------------------------------------


def together(port, count, path):
    """How long so many requests take at once."""
    barrier = threading.Barrier(count + 1)
    failures = []

    def one():
        barrier.wait()
        try:
            ask(port, path)
        except (OSError, SystemExit, http.client.HTTPException) as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"{len(failures)} of {count} requests were not answered: {failures[0]}")
    return time.monotonic() - began


def database():
    """A PostgreSQL of the test suites' own."""
    sys.path[:0] = [str(compare.ROOT / "Tests" / "Python" / "suites")]
    import services

    return services.postgresql()


def django(bin_folder, options):
    """Django's connections are there by then: of three times that all ask at once, the first is not counted."""
    missing = [name for name in ("django", "psycopg2") if not compare.has_module(bin_folder, name)]
    if missing:
        return print("left out: the environment has no %s, see Examples/django/requirements.txt" % " and no ".join(missing))
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        return print("left out: PostgreSQL is not installed")
    print(f"| Django, {ASKERS} × pg_sleep(0.1) at once through psycopg2 | s |\n| --- | ---: |")
    runs = {}
    with database() as address:
        environment = {"DATABASE_URL": address}
        migrate = [f"{bin_folder}/python", "manage.py", "migrate", "--run-syncdb"]
        subprocess.run(migrate, cwd=DJANGO, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
        for _ in range(options.rounds):
            for name, command in sides(bin_folder, "shop.wsgi", ["-w", "1", "--worker-connections", "100"], options.only):
                port = compare.free_port()
                with compare.running(command(port), port, DJANGO, environment):
                    times = [together(port, ASKERS, "/wait/100") for _ in range(3)]
                    runs.setdefault(name, []).append(min(times[1:]))
    for name, found in runs.items():
        print(f"| {name} | {statistics.median(found):.2f} |", flush=True)


#: Each returns what went wrong, if anything.
PARTS = {"idle": idle, "sleepers": sleepers, "ab": ab, "django": django}
