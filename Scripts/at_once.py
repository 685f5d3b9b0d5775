#!/usr/bin/env python3
"""Runs commands at once, and fails where one of them does: at_once.py COMMAND...

Each is a text for bash, which ends it at the first line that fails. What one says is shown when it has ended, apart from what the others
say, and those that have failed are named at the end. Of one that lasts, what it has said is shown once a minute: whoever ends all of
this from outside has that much. Where a signal breaks them off, they end too, and how far they have come is shown.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

#: Seconds in which a command that is broken off may end by itself. A program that runs others by this module gives them less.
PATIENCE = 30
#: Seconds after which it is shown what the commands have said that go on.
INTERVAL = 60


class Command:
    """A program in a session of its own, so that what it has started ends with it where it is broken off. `more` is as Popen has it."""

    def __init__(self, name, words, **more):
        self.name, self._words, self._more = name, words, more
        self.status = self._process = None
        self._shown = 0

    def start(self):
        self._output = tempfile.TemporaryFile()
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            self._words, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True, **self._more
        )

    def has_ended(self):
        self.status = self._process.poll()
        return self.status is not None

    def said(self, since=0):
        # The place in the file is the command's own, who may be writing.
        file = self._output.fileno()
        return os.pread(file, max(0, os.fstat(file).st_size - since), since)

    def show(self, goes_on=False):
        """What it has said since it was last shown, below its name. Of one that goes on only lines that are whole, if there are any."""
        text = self.said(self._shown)
        if goes_on:
            text = text[: text.rfind(b"\n") + 1]
            if not text:
                return
        self._shown += len(text)
        if self.status is None:
            outcome = ", goes on" if goes_on else ", broken off"
        else:
            outcome = ", status %d" % self.status if self.status else ""
        head = "== %s (%d s%s)\n" % (self.name, time.monotonic() - self._began, outcome)
        if text and not text.endswith(b"\n"):
            text += b"\n"
        sys.stdout.flush()
        sys.stdout.buffer.write(head.encode("utf-8", "replace") + text)
        sys.stdout.flush()

    def has_begun(self):
        return self._process is not None

    def interrupt(self):
        # One that has been reaped has no number of its own any more.
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGINT)

    def end(self, is_over):
        """Waits for it until that is over, and ends what is left of its session's processes."""
        if self._process.returncode is not None:
            return
        # It is not reaped before, so that its number cannot be another's.
        while not os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) and not is_over():
            time.sleep(0.02)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def run(commands, limit=None, patience=PATIENCE):
    """Runs them, at most `limit` at a time, and shows each. Returns those that have failed."""
    waiting, running, failed = list(commands), [], []
    shown = time.monotonic()
    try:
        while waiting or running:
            while waiting and (limit is None or len(running) < limit):
                running.append(waiting.pop(0))
                running[-1].start()
            for command in [one for one in running if one.has_ended()]:
                running.remove(command)
                command.show()
                if command.status:
                    failed.append(command)
            if time.monotonic() - shown >= INTERVAL:
                shown = time.monotonic()
                for command in running:
                    command.show(goes_on=True)
            time.sleep(0.02)
    finally:
        _break_off([command for command in running if command.has_begun()], patience)
    return failed


def _break_off(commands, patience):
    limit, is_told_again = time.monotonic() + patience, False

    def is_over():
        nonlocal limit, is_told_again
        if len(_asked) > 1 and not is_told_again:
            # They are told too, since they may run others, and have little time for that.
            is_told_again, limit = True, min(limit, time.monotonic() + patience / 15)
            for command in commands:
                command.interrupt()
        return time.monotonic() > limit

    for command in commands:
        command.interrupt()
    # At once: whoever cuts a run off may not wait for so long.
    for command in commands:
        command.show(goes_on=True)
    for command in commands:
        command.end(is_over)
        command.show()


def complain(failed):
    """Names those that have failed. Returns the status to end with."""
    for command in failed:
        print("failed: %s" % command.name, file=sys.stderr)
    return 1 if failed else 0


#: The signals that have come, which ask for the end.
_asked = []


def heed_signals():
    """SIGINT and SIGTERM have the commands end. Whoever asks again does not wait for them any longer, and is shown what there is."""

    def heed(number, frame):
        _asked.append(number)
        if len(_asked) == 1:
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Started in the background, a program is not to be ended by SIGINT.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, heed)


def main(texts):
    heed_signals()
    commands = [Command("; ".join(line.strip() for line in text.splitlines()), ["bash", "-ec", text]) for text in texts]
    try:
        return complain(run(commands))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
