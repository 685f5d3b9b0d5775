"""The environments that tests of frameworks and suites have, without what is installed there."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import environments


class EnvironmentTests(unittest.TestCase):
    def test_each_interpreter_has_its_own_also_of_one_version(self):
        places = set()
        for program in ("/usr/bin/python3", "/opt/one/bin/python3", "/opt/other/bin/python3"):
            with mock.patch.object(sys, "executable", program):
                places.add(environments.folder_of("name"))
                self.assertEqual(environments.folder_of("name"), environments.folder_of("name"))
        self.assertEqual(len(places), 3)
        for place in places:
            self.assertTrue(place.name.startswith("name-%d.%d-" % sys.version_info[:2]), place)

    def test_one_that_was_not_made_to_its_end_is_made_once_more(self):
        with tempfile.TemporaryDirectory() as store:
            folder = environments.folder_of("name", pathlib.Path(store))

            def make(place, with_pip, clear):
                (place / "bin").mkdir(parents=True, exist_ok=True)
                (place / "bin" / "python").touch()
                self.assertTrue(with_pip and clear)

            with mock.patch.object(environments.venv, "create", side_effect=[KeyboardInterrupt]):
                with self.assertRaises(KeyboardInterrupt):
                    environments.made(folder)
            with mock.patch.object(environments.venv, "create", side_effect=make) as create:
                for _ in range(2):
                    self.assertTrue(environments.made(folder).exists())
            self.assertEqual(create.call_count, 1)


if __name__ == "__main__":
    unittest.main()
