"""The warnings of the build that `make test` makes: `python3 -m unittest discover Tests/Shell`."""

import os
import unittest

from trees import TreeTestCase

# Compiles what is newer than what it has compiled last, and warns where a source says so. A source may keep it from ending well.
SWIFT = r"""
[ "$1" = build ] || exit 0
mkdir -p .build
for file in "$PWD"/Sources/*.swift; do
  if [ ! -e .build/built ] || [ "$file" -nt .build/built ]; then sed -n "s|^// warns|$file:1:1: warning: hm|p" "$file"; fi
done
if grep -l '^// fails' Sources/*.swift; then touch -d '1 hour ago' .build/built; exit 1; fi
touch -d '1 hour ago' .build/built
"""


class Warnings(TreeTestCase):
    def setUp(self):
        super().setUp()
        self.copy("Scripts/test")
        self.program("bin/python3")
        self.program("bin/swift", SWIFT)
        self.write("Fine", "")

    def write(self, name, text):
        path = self.root / f"Sources/{name}.swift"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")

    def rest(self):
        """All is older than the last build by now."""
        for path in (self.root / "Sources").iterdir():
            os.utime(path, (0, 0))

    def build(self):
        done = self.run_it(self.root / "Scripts/test")
        self.rest()
        return done.returncode, done.stderr

    def test_a_build_without_any_is_gone_on_with(self):
        self.assertEqual(self.build(), (0, ""))

    def test_they_are_told_until_they_are_mended(self):
        self.write("Old", "// warns")
        for _ in range(3):
            status, told = self.build()
            self.assertEqual(status, 1)
            self.assertIn("Sources/Old.swift:1:1: warning: hm\nthe build has warnings\n", told)
        self.write("New", "")
        self.assertEqual(self.build()[0], 1)
        self.write("Old", "")
        self.assertEqual([self.build(), self.build()], [(0, ""), (0, "")])

    def test_those_of_a_file_that_is_gone_are_forgotten(self):
        self.write("Old", "// warns")
        self.assertEqual(self.build()[0], 1)
        (self.root / "Sources/Old.swift").unlink()
        self.assertEqual(self.build(), (0, ""))

    def test_those_of_a_build_that_failed_are_told_by_the_next(self):
        self.write("Old", "// warns")
        self.write("New", "// fails")
        self.assertEqual(self.build()[0], 1)
        self.assertEqual(self.build()[0], 1)
        self.write("New", "")
        status, told = self.build()
        self.assertEqual(status, 1)
        self.assertIn("the build has warnings", told)


if __name__ == "__main__":
    unittest.main()
