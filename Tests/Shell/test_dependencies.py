"""What `make run` installs before it builds: `python3 -m unittest discover Tests/Shell`."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from trees import TreeTestCase

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Dependencies(unittest.TestCase):
    def install(self, compiler):
        """On a machine without dpkg and apt-get, whose compiler does as it is told."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "bash").symlink_to(shutil.which("bash"))
            for program in ("cc", "git", "make"):
                path = folder / program
                path.write_text(f"#!/bin/sh\n{compiler}\n")
                path.chmod(0o755)
            return subprocess.run([ROOT / "Scripts/install-dependencies", "build"], env={**os.environ, "PATH": name, "SKIP_DEPENDENCIES": ""},
                                  capture_output=True, text=True, timeout=60)

    def test_libraries_that_are_there_are_not_asked_for(self):
        done = self.install("exit 0")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_without_them_another_system_than_debian_is_told_what_to_install(self):
        done = self.install("exit 1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing: libev-dev libc-ares-dev; this is not Debian", done.stderr)


#: The programs by which packages of Debian's are known on another system.
PROGRAMS = """ab aarch64-linux-gnu-gcc cc chromium curl dnsmasq fc-list g++ gcc gdb git go h2load haproxy hey initdb ip logrotate make man
  mariadbd nginx objdump openssl pkg-config prometheus ps python3 qemu-aarch64 redis-server rsvg-convert setpriv slowhttptest
  ssh-keygen sshd strace valgrind wrk""".split()
PURPOSES = ["build", "docs", "wheel", "test", "deep", "bench", "bench-queries", "bench-peers"]


class OtherSystems(TreeTestCase):
    """On a machine without dpkg and apt-get."""

    def setUp(self):
        super().setUp()
        for name in PROGRAMS:
            self.program(f"bin/{name}", "echo DejaVu" if name == "fc-list" else "")
        (self.root / "bin/bash").symlink_to(shutil.which("bash"))

    def ask(self, purpose, **variables):
        for name in PROGRAMS:
            path = self.root / "bin" / name
            if path.exists():
                path.write_text(path.read_text().replace("/usr/bin/env bash", shutil.which("bash")))
        return self.run_it(ROOT / "Scripts/install-dependencies", purpose, PATH=str(self.root / "bin"), **variables)

    def test_a_machine_that_has_all_passes(self):
        for purpose in PURPOSES:
            done = self.ask(purpose)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), purpose)

    def test_what_lacks_is_told_by_the_names_of_debian(self):
        self.program("bin/python3", "exit 1")
        (self.root / "bin/ab").unlink()
        done = self.ask("test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing: apache2-utils python3-dev python3-websockets python3-aiosmtpd; this is not Debian", done.stderr)

    def test_it_can_be_told_that_all_is_there(self):
        (self.root / "bin/ab").unlink()
        self.assertEqual(self.ask("test").returncode, 1)
        self.assertEqual(self.ask("test", SKIP_DEPENDENCIES="1").returncode, 0)


class Installing(TreeTestCase):
    """On a Debian where nothing is installed, whose apt-get tells how it was run."""

    def setUp(self):
        super().setUp()
        for name in ("bash", "env", "grep", "rm", "chmod", "cat", "touch"):
            (self.root / "bin" / name).symlink_to(shutil.which(name))
        self.policy = self.root / "usr/sbin/policy-rc.d"
        self.policy.parent.mkdir(parents=True)
        self.programs(user=0, apt="")

    def programs(self, user, apt):
        self.program("bin/dpkg-query", "exit 1")
        self.program("bin/id", f"echo {user}")
        for name in ("cc", "clang"):
            self.program(f"bin/{name}", "exit 1")
        policy = f'"{self.policy}"; echo "policy $?"' if self.policy.parent.exists() else ""
        self.program("bin/apt-get", f'{{ echo "$DEBIAN_FRONTEND $*"; {policy}; }} >>"$SAID" 2>/dev/null\n{apt}')
        # As sudo, it takes variables away.
        self.program("bin/sudo", 'echo sudo >>"$SAID"; exec env -i PATH="$PATH" SAID="$SAID" "$@"')

    def install(self):
        for path in (self.root / "bin").iterdir():
            if not path.is_symlink():
                path.write_text(path.read_text().replace("/usr/bin/env bash", shutil.which("bash")))
        return self.run_it(ROOT / "Scripts/install-dependencies", "build", PATH=str(self.root / "bin"), INSTALL_ROOT=str(self.root))

    def test_no_service_is_started_meanwhile_and_nothing_stays(self):
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("installing ", done.stdout)
        update, first, install, second = self.said()
        self.assertEqual(update, "noninteractive update -qq")
        self.assertTrue(install.startswith("noninteractive install -y -qq --no-install-recommends "), install)
        self.assertTrue(install.endswith("libev-dev libc-ares-dev"), install)
        self.assertEqual((first, second), ("policy 101", "policy 101"))
        self.assertFalse(self.policy.exists())

    def test_somebody_elses_policy_stays(self):
        self.program("usr/sbin/policy-rc.d", "exit 7")
        text = self.policy.read_text()
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.policy.read_text(), text)
        self.assertEqual(self.said()[1], "policy 7")

    def test_nothing_stays_where_it_fails_either(self):
        self.programs(user=0, apt='[ "$1" = update ] || { echo "E: no network" >&2; exit 100; }')
        done = self.install()
        self.assertEqual((done.returncode, done.stderr), (100, "E: no network\n"))
        self.assertFalse(self.policy.exists())

    def test_what_was_left_by_one_that_was_killed_goes(self):
        self.programs(user=0, apt='[ "$1" = update ] || kill -KILL $PPID')
        self.assertNotEqual(self.install().returncode, 0)
        self.assertTrue(self.policy.exists())
        self.programs(user=0, apt="")
        self.assertEqual(self.install().returncode, 0)
        self.assertFalse(self.policy.exists())

    def test_another_user_than_root_does_it_by_sudo_and_apt_asks_nothing(self):
        self.programs(user=1000, apt="")
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.said()[:3], ["sudo", "noninteractive update -qq", "policy 101"])
        self.assertFalse(self.policy.exists())

    def test_without_sudo_it_says_what_root_is_to_run(self):
        self.programs(user=1000, apt="")
        (self.root / "bin/sudo").unlink()
        done = self.install()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("As root: apt-get install --no-install-recommends ", done.stderr)
        self.assertFalse((self.root / "said").exists())

    def test_services_are_not_started_at_boot_either_but_those_that_were_are(self):
        (self.root / "units").mkdir()
        (self.root / "units/haproxy").touch()
        units = f'"{self.root}/units/$3"'
        self.program(
            "bin/systemctl",
            f'case $2 in is-enabled) [ -e {units} ] ;; disable) shift 2; echo "disable $*" >>"$SAID" ;; esac')  # fmt: skip
        self.programs(user=0, apt=f'[ "$1" = update ] || touch "{self.root}/units/nginx" "{self.root}/units/ssh.socket"')
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.said()[-1], "disable nginx ssh.socket")
        self.assertIn("not started, neither now nor when the machine is: nginx ssh.socket (", done.stdout)


if __name__ == "__main__":
    unittest.main()
