"""Commands that run at once: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from trees import ROOT, TreeTestCase

sys.path.insert(0, str(ROOT / "Scripts"))
import at_once  # noqa: E402


class AtOnce(TreeTestCase):
    program_of_it = [sys.executable, str(ROOT / "Scripts/at_once.py")]

    def run_at_once(self, *texts):
        done = self.run_it(*self.program_of_it, *texts)
        return done.returncode, done.stdout, done.stderr

    def until(self, is_so):
        end = time.monotonic() + 60
        while not is_so():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_they_run_at_once_and_what_each_says_stands_together(self):
        # Each waits for what the other does.
        texts = [f"echo {one}; touch {one}; until [ -e {other} ]; do sleep 0.02; done; echo {one} >&2" for one, other in ("ab", "ba")]
        status, said, complaint = self.run_at_once(*texts)
        self.assertEqual((status, complaint), (0, ""))
        for name in "ab":
            self.assertRegex(said, rf"(?m)^== .*touch {name}; .* \(\d+ s\)\n{name}\n{name}$")
        self.assertEqual(said.count("\n"), 6)

    def test_the_failure_of_any_is_that_of_all_and_is_named(self):
        status, said, complaint = self.run_at_once("echo fine", "echo first\nfalse\necho never", "printf last; exit 3")
        self.assertEqual(status, 1)
        self.assertEqual(sorted(complaint.splitlines()), ["failed: echo first; false; echo never", "failed: printf last; exit 3"])
        self.assertRegex(said, r"(?m)^== echo fine \(\d+ s\)\nfine$")
        self.assertRegex(said, r"(?m)^== echo first; false; echo never \(\d+ s, status 1\)\nfirst$")
        self.assertRegex(said, r"(?m)^== printf last; exit 3 \(\d+ s, status 3\)\nlast$")
        self.assertNotIn("\nnever\n", said)

    def test_one_that_a_signal_has_ended_has_failed(self):
        status, said, _ = self.run_at_once("kill -KILL $$")
        self.assertEqual(status, 1)
        self.assertIn("s, status -9)", said)

    def test_what_one_has_said_that_lasts_is_shown_while_it_goes_on(self):
        program = "import sys, at_once; at_once.INTERVAL = 0.05; sys.exit(at_once.main(sys.argv[1:]))"
        text = "echo first; printf half; until [ -e go ]; do sleep 0.02; done; echo ' a line'"
        process = subprocess.Popen([sys.executable, "-c", program, text], cwd=self.root, stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "PYTHONPATH": str(ROOT / "Scripts")})
        with process.stdout:
            self.assertRegex(process.stdout.readline(), r"^== echo first; .* \(\d+ s, goes on\)\n$")
            self.assertEqual(process.stdout.readline(), "first\n")
            (self.root / "go").touch()
            rest = process.stdout.readlines()
        # It may have been seen before its end was.
        self.assertEqual([line for line in rest if not line.startswith("== ")], ["half a line\n"])
        self.assertRegex("".join(rest), r"(?m)^== echo first; .* \(\d+ s\)$")
        self.assertEqual(process.wait(60), 0)

    def test_there_are_no_more_at_a_time_than_are_wanted(self):
        # Whoever finds another at work fails.
        text = 'mkdir "$0" && sleep 0.1 && rmdir "$0"'
        folder = str(self.root / "at work")
        commands = [at_once.Command(str(number), ["bash", "-c", text, folder]) for number in range(3)]
        ended = []
        for command in commands:
            command.show = lambda command=command: ended.append(command.name)
        self.assertEqual(at_once.run(commands, limit=1), [])
        self.assertEqual(ended, ["0", "1", "2"])

    def test_where_a_signal_breaks_them_off_all_that_they_have_started_ends_and_what_they_have_said_is_shown(self):
        for number, status in ((signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 130)):
            # Started in the background, a program is not ended by SIGINT.
            text = "sleep 1000 & echo $! >pid; echo begun; mv pid begun; wait"
            process = subprocess.Popen([*self.program_of_it, text, "echo other"], cwd=self.root, stdout=subprocess.PIPE, text=True,
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            begun = self.root / "begun"
            self.until(begun.exists)
            child = int(begun.read_text())
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, status)
            # At once, for whoever does not wait until it has ended.
            self.assertRegex(said, r"(?m)^== sleep 1000 & .* \(\d+ s, goes on\)\nbegun$")
            self.assertRegex(said, r"(?m)^== sleep 1000 & .* \(\d+ s, broken off\)$")
            self.until(lambda child=child: has_ended(child))
            begun.unlink()

    def test_whoever_asks_again_does_not_wait(self):
        text = "trap 'touch heard' INT; touch begun; while :; do sleep 0.02 || :; done"
        # Started in the background, a program cannot say what it does on SIGINT.
        process = subprocess.Popen([*self.program_of_it, text], cwd=self.root, stdout=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.until((self.root / "begun").exists)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.until((self.root / "heard").exists)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertRegex(said, r"(?m)^== trap .* \(\d+ s, broken off\)$")
        self.assertLess(time.monotonic() - began, at_once.PATIENCE)


def has_ended(pid):
    """Also where nobody has waited for it."""
    try:
        return ") Z " in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


if __name__ == "__main__":
    unittest.main()
