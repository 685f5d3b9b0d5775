#!/usr/bin/env python3
"""Runs commands at once, and fails where one of them does: at_once.py COMMAND...

Each is a text for bash, which ends it at the first line that fails. What one says is shown when it has ended, apart from what the others
say, and those that have failed are named at the end. Where a signal breaks them off, they end too, and how far they have come is shown.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

#: Seconds in which a command that is broken off may end by itself. A program that runs others by this module gives them less.
PATIENCE = 30


class Command:
    """A program in a session of its own, so that what it has started ends with it. `more` is as Popen has it."""

    def __init__(self, name, words, **more):
        self.name, self._words, self._more = name, words, more
        self.status = None

    def start(self):
        self._output = tempfile.TemporaryFile()
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            self._words, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True, **self._more
        )

    def has_ended(self):
        self.status = self._process.poll()
        return self.status is not None

    def said(self):
        self._output.seek(0)
        return self._output.read()

    def show(self):
        """What it has said, below its name."""
        if self.status is None:
            outcome = ", broken off"
        else:
            outcome = ", status %d" % self.status if self.status else ""
        head = "== %s (%d s%s)\n" % (self.name, time.monotonic() - self._began, outcome)
        text = self.said()
        if text and not text.endswith(b"\n"):
            text += b"\n"
        sys.stdout.flush()
        sys.stdout.buffer.write(head.encode("utf-8", "replace") + text)
        sys.stdout.flush()

    def interrupt(self):
        os.killpg(self._process.pid, signal.SIGINT)

    def end(self, seconds):
        """Waits for it for so long, and ends what is left of its session's processes."""
        limit = time.monotonic() + seconds
        # It is not reaped before, so that its number cannot be another's.
        while not os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) and time.monotonic() < limit:
            time.sleep(0.02)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def run(commands, limit=None, patience=PATIENCE):
    """Runs them, at most `limit` at a time, and shows each. Returns those that have failed."""
    waiting, running, failed = list(commands), [], []
    try:
        while waiting or running:
            while waiting and (limit is None or len(running) < limit):
                waiting[0].start()
                running.append(waiting.pop(0))
            for command in [one for one in running if one.has_ended()]:
                running.remove(command)
                command.show()
                if command.status:
                    failed.append(command)
            time.sleep(0.02)
    finally:
        _break_off(running, patience)
    return failed


def _break_off(commands, patience):
    for command in commands:
        command.interrupt()
    limit = time.monotonic() + patience
    for command in commands:
        command.end(max(0, limit - time.monotonic()))
        command.show()


def complain(failed):
    """Names those that have failed. Returns the status to end with."""
    for command in failed:
        print("failed: %s" % command.name, file=sys.stderr)
    return 1 if failed else 0


def heed_sigterm():
    """As SIGINT, it has the commands end."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def main(texts):
    heed_sigterm()
    commands = [Command("; ".join(line.strip() for line in text.splitlines()), ["bash", "-ec", text]) for text in texts]
    try:
        return complain(run(commands))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
