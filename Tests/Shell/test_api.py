"""What breaks programs is told, and what does not is not: `python3 -m unittest discover Tests/Shell`."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Documentation"))
import check_api  # noqa: E402


def symbol(path, text):
    return {"pathComponents": path.split("."), "declarationFragments": [{"spelling": text}]}


class Interface(unittest.TestCase):
    def test_a_declaration_is_a_line(self):
        found = check_api.declaration(symbol("Hub.run", "@discardableResult static  func run()"))
        self.assertEqual(found, "Hub.run: static func run()")

    def test_what_is_gone_or_changed_is_told_and_what_is_new_is_not_a_fault(self):
        gone, new = check_api.compare(["a: func a()", "b: func b()"], ["a: func a(_ more: Int)", "b: func b()"], set())
        self.assertEqual((gone, new), (["a: func a()"], ["a: func a(_ more: Int)"]))

    def test_what_the_changes_name_is_excused(self):
        self.assertEqual(check_api.compare(["a: func a()"], [], {"a: func a()"}), ([], []))

    def test_a_version_is_released_when_the_changes_say_so(self):
        self.assertFalse(check_api.is_released("# Changes\n\n## 0.1.0, not yet released\n"))
        self.assertTrue(check_api.is_released("# Changes\n\n## 0.1.0, 2026-12-01\n\n## 0.0.9, not yet released\n"))


if __name__ == "__main__":
    unittest.main()
