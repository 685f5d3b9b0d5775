"""The table that make coverage prints, and when it fails."""

import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CoverageReport(unittest.TestCase):
    def report(self, shares):
        """What Scripts/coverage_report.py makes of 200 lines a module, of which the share given was run."""
        files = [
            {
                "filename": str(ROOT / "Sources" / module / name),
                "summary": {"lines": {"count": 100, "covered": share}},
            }
            for module, share in shares.items()
            for name in ("A.swift", "Folder/B.swift")
        ]
        files.append({"filename": str(ROOT / "Tests/GreenTests/A.swift"), "summary": {"lines": {"count": 9, "covered": 0}}})
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"data": [{"files": files}]}, file)
            file.flush()
            return subprocess.run(
                [ROOT / "Scripts/coverage_report.py", file.name, "85"], cwd=ROOT, capture_output=True, text=True
            )

    def test_a_table_by_module(self):
        done = self.report({"Green": 90, "GreenHTTP": 85, "GreenServer": 99, "GreenWeb": 100, "GreenDNS": 10})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| `Green` | 200 | 90.0 % |", done.stdout)
        self.assertIn("| `GreenDNS` | 200 | 10.0 % |", done.stdout)
        self.assertNotIn("Tests", done.stdout)

    def test_a_module_below_the_least(self):
        done = self.report({"Green": 90, "GreenHTTP": 84, "GreenServer": 99, "GreenWeb": 100})
        self.assertEqual(done.returncode, 1)
        self.assertIn("GreenHTTP", done.stderr)

    def test_a_module_of_which_nothing_is_known(self):
        done = self.report({"Green": 90, "GreenHTTP": 90, "GreenServer": 99})
        self.assertEqual(done.returncode, 1)
        self.assertIn("not there: GreenWeb", done.stderr)


if __name__ == "__main__":
    unittest.main()
