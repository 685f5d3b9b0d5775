"""What `make doctor` says of machines that lack something: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A kernel that lacks nothing.
KERNEL = {
    "proc/sys/kernel/osrelease": "6.18.0",
    "proc/sys/kernel/io_uring_disabled": "0",
    "proc/sys/vm/max_map_count": "65530",
    "proc/sys/vm/overcommit_memory": "0",
    "proc/sys/net/core/somaxconn": "4096",
    "proc/sys/net/ipv4/ip_local_port_range": "16384 65535",
    "proc/sys/fs/epoll/max_user_watches": "1000000",
    "proc/meminfo": "MemTotal:       16384000 kB",
}


class Doctor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def program(self, name, text):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def ask(self, kernel={}, swift="6.3.1", packages="installed", compiler=None):
        """The answer on a machine like this, and the status."""
        for name, text in {**KERNEL, **kernel}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        self.program("swift", f"echo 'Swift version {swift} (swift-RELEASE)'" if swift else "exit 127")
        self.program("dpkg-query", f"printf %s {packages}")
        for name in ("cc", "clang") if compiler else ():
            self.program(name, compiler)
        environment = {**os.environ, "SKIP_DEPENDENCIES": "", "DOCTOR_ROOT": str(self.folder), "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        done = subprocess.run([ROOT / "Scripts/doctor"], env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout, done.returncode

    def test_a_machine_that_lacks_nothing_can_build(self):
        text, status = self.ask()
        self.assertEqual(status, 0, text)
        self.assertIn("it can be built here: make run", text)
        self.assertIn("guard markers", text)

    def test_without_a_toolchain_or_packages_it_ends_with_1(self):
        for lacking in ({"swift": ""}, {"swift": "6.1"}, {"packages": "missing", "compiler": "exit 1"}):
            text, status = self.ask(**lacking)
            self.assertEqual(status, 1, text)
            self.assertIn("cannot be built here yet: 1 of these", text)

    def test_headers_that_came_without_packages_suffice(self):
        text, status = self.ask(packages="missing", compiler="exit 0")
        self.assertEqual(status, 0, text)
        self.assertIn("the packages that a build needs", text)

    def test_what_only_makes_it_worse_is_a_note_with_its_worth(self):
        kernel = {"proc/sys/kernel/osrelease": "6.1.0-44-amd64", "proc/sys/net/core/somaxconn": "128",
                  "proc/sys/vm/overcommit_memory": "2", "proc/sys/net/ipv4/ip_local_port_range": "32768 40000"}
        text, status = self.ask(kernel)
        self.assertEqual(status, 0, text)
        self.assertIn("sysctl -w vm.max_map_count=1048576", text)
        self.assertIn("more than 32765 fibers in a process", text)
        self.assertIn("sysctl -w net.core.somaxconn=4096", text)
        self.assertIn("vm.overcommit_memory = 2", text)
        self.assertIn("ports for outgoing connections: 7233", text)
        self.assertEqual(text.count("to change it:"), text.count("worth:"))

    def test_many_mappings_make_up_for_guard_markers(self):
        text, _ = self.ask({"proc/sys/kernel/osrelease": "6.1.0", "proc/sys/vm/max_map_count": "1048576"})
        self.assertIn("vm.max_map_count = 1048576, which suffices", text)

    def test_there_are_no_colours_where_nobody_sees_them(self):
        self.assertNotIn("\x1b", self.ask()[0])


if __name__ == "__main__":
    unittest.main()
