"""Which interpreters can have the package, and what a wheel brings along: python3 test_build.py"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Python", "build"))

import native_parts  # noqa: E402
import platform_tag  # noqa: E402

BEGIN = "import sys; sys.abiflags = 't'; sys.orig_argv = [sys.executable, '-m', 'greenfinch']; sys.argv[0] = %r; import greenfinch"


class InterpreterTests(unittest.TestCase):
    def imported(self, first):
        """What comes of it in an interpreter that says of itself that it is free-threaded."""
        environment = {**os.environ, "PYTHONPATH": os.path.join(ROOT, "Python"), "PYTHONDONTWRITEBYTECODE": "1"}
        # Not from the folder, whose package may have an extension.
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run(
                [sys.executable, "-c", BEGIN % first], env=environment, cwd=folder, capture_output=True, text=True
            )

    def test_the_command_ends_with_one_sentence_on_a_free_threaded_build(self):
        for first in ("-m", "/venv/bin/greenfinch"):
            answer = self.imported(first)
            self.assertEqual(answer.returncode, 1)
            self.assertRegex(answer.stderr, r"\AError: greenfinch does not serve free-threaded builds of CPython[^\n]*\n\Z")

    def test_a_program_that_imports_it_there_gets_an_import_error(self):
        self.assertRegex(self.imported("/srv/app.py").stderr, r"\nImportError: greenfinch does not serve free-threaded")

    def test_the_installation_ends_with_a_sentence_there_too(self):
        with self.assertRaisesRegex(SystemExit, "free-threaded builds of CPython are not served"):
            native_parts.check_interpreter(is_free_threaded=True)
        native_parts.check_interpreter()


class WheelTests(unittest.TestCase):
    """Which libraries a wheel brings along, by libraries that are said to be needed."""

    def bundled(self, glibc, **options):
        with tempfile.TemporaryDirectory() as folder:
            needed = {}
            for name in ("libssl.so.3", "libcrypto.so.3", "libev.so.4", "libc.so.6"):
                needed[name] = os.path.join(folder, name)
                with open(needed[name], "w") as file:
                    file.write(name)
            library = os.path.join(folder, "greenfinch", "lib")
            os.makedirs(library)
            versions = {"libssl.so.3": (2, 38)}
            with mock.patch.multiple(
                platform_tag, _needed=lambda path: needed, _machine=lambda: "x86_64",
                _glibc=lambda path: versions.get(os.path.basename(path), glibc),
            ):  # fmt: skip
                tag = platform_tag.bundle(os.path.join(folder, "greenfinch"), **options)
            try:
                with open(os.path.join(library, platform_tag.FROM_THE_SYSTEM)) as file:
                    self.expected = file.read()
            except FileNotFoundError:
                self.expected = None
            return tag, sorted(set(os.listdir(library)) - {platform_tag.FROM_THE_SYSTEM})

    def test_openssl_is_the_system_s_where_all_systems_have_it(self):
        self.assertEqual(self.bundled((2, 35)), ("manylinux_2_35_x86_64", ["libev.so.4"]))
        self.assertEqual(self.expected, "libcrypto.so.3\nlibssl.so.3\n")

    def test_it_is_brought_along_for_older_systems_and_where_that_is_asked_for(self):
        everything = ["libcrypto.so.3", "libev.so.4", "libssl.so.3"]
        self.assertEqual(self.bundled((2, 28)), ("manylinux_2_38_x86_64", everything))
        self.assertEqual(self.bundled((2, 35), brings_openssl=True), ("manylinux_2_38_x86_64", everything))
        self.assertIsNone(self.expected)

    def test_the_command_says_what_the_system_lacks(self):
        with tempfile.TemporaryDirectory() as folder:
            package = os.path.join(folder, "greenfinch")
            os.makedirs(os.path.join(package, "lib"))
            for name in ("__main__.py", "_libraries.py"):
                shutil.copy(os.path.join(ROOT, "Python", "greenfinch", name), package)
            with open(os.path.join(package, "__init__.py"), "w"):
                pass
            # With all there it goes on to the program, which is none here.
            cases = {"libc.so.6\nlibnowhere.so.3\n": "and libnowhere.so.3 cannot be loaded here", "libc.so.6\n": "cannot be run"}
            for names, text in cases.items():
                with open(os.path.join(package, "lib", platform_tag.FROM_THE_SYSTEM), "w") as file:
                    file.write(names)
                answer = subprocess.run([sys.executable, "-m", "greenfinch"], cwd=folder, capture_output=True, text=True)
                self.assertEqual((answer.returncode, answer.stderr.count("\n")), (1, 1), answer.stderr)
                self.assertIn(text, answer.stderr)


if __name__ == "__main__":
    unittest.main()
