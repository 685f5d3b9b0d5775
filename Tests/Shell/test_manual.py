"""The manual and the completions work where people use them: `python3 -m unittest discover Tests/Shell`."""

import pathlib
import shutil
import subprocess
import unittest

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def completed(*words):
    """What bash offers for the last of these words."""
    script = f"""
        source {DOCS}/completions/greenfinch.bash
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _greenfinch greenfinch "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-uc", script, "bash", *words], capture_output=True, text=True, timeout=30, cwd=DOCS)
    assert done.stderr == "", done.stderr
    return done.stdout.split()


class Completions(unittest.TestCase):
    def test_options_are_completed(self):
        self.assertEqual(completed("greenfinch", "app:app", "--worker-c"), ["--worker-class", "--worker-connections"])

    def test_values_are_completed_where_they_are_known(self):
        self.assertEqual(completed("greenfinch", "-k", "g"), ["green"])
        self.assertIn("public-api.md", completed("greenfinch", "--certfile", "pub"))

    def test_commands_of_ctl_are_completed(self):
        self.assertEqual(completed("greenfinch", "ctl", "re"), ["reload", "reopen", "remove"])

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_can_read_its_own(self):
        subprocess.run(["zsh", "-n", DOCS / "completions/_greenfinch"], check=True, timeout=30)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_can_read_its_own(self):
        subprocess.run(["fish", "-n", DOCS / "completions/greenfinch.fish"], check=True, timeout=30)


class Manual(unittest.TestCase):
    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_pages_have_no_warnings(self):
        for page in sorted((DOCS / "man").iterdir()):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
