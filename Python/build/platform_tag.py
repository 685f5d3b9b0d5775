"""What a wheel may say of the systems that it runs on, and what must be in it for that."""

import os
import re
import shutil
import subprocess
import sysconfig

# What manylinux takes to be everywhere (PEP 600): the C library's parts, and libgcc.
EVERYWHERE = re.compile(r"^(lib(c|m|dl|pthread|rt|util|gcc_s|resolv|stdc\+\+)\.so|ld-linux|linux-vdso)")

# In a worker these are loaded before the interpreter, whose module _ssl takes what is there under the name that it was linked to, as do
# extensions: it must be what they were made for, or newer. A copy of the machine that has built the wheel may be older, and gets none of
# the system's updates. Another name, as auditwheel gives to copies, does not keep them apart: what is loaded in front comes first in the
# search for symbols, whatever its file is called, and an extension would get some functions of one copy and some of another.
OPENSSL = re.compile(r"^lib(ssl|crypto)\.so\.")

# From here on every distribution has OpenSSL 3 as its own: RHEL 9, Ubuntu 22.04, Debian 12. Small images may be without it all the same,
# which the command looks for by FROM_THE_SYSTEM, with a name on each line: _libraries.py.
GLIBC_WITH_OPENSSL = (2, 34)
FROM_THE_SYSTEM = "from-the-system"


def _machine():
    return sysconfig.get_platform().split("-")[-1]


def own():
    """This system alone, since the wheel uses its libraries."""
    return f"linux_{_machine()}"


def _needed(path):
    """The shared libraries that a file is linked to, by their names and where they are here."""
    text = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    if lacking := re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE):
        raise SystemExit(f"{os.path.basename(path)} is linked to {', '.join(lacking)}, which cannot be found here")
    return {name: place for name, place in re.findall(r"^\s*(\S+) => (\S+) \(", text, re.MULTILINE)}


def _glibc(path):
    """The newest version of the C library's symbols that a file uses."""
    text = subprocess.run(["objdump", "-T", path], check=True, capture_output=True, text=True).stdout
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", text)
    return max(((int(major), int(minor)) for major, minor in versions), default=(2, 17))


def bundle(package, brings_openssl=False):
    """Copies the libraries that are not everywhere beside libgreenfinch, and says the oldest glibc that will do.

    The native parts look for them in `lib` first: Scripts/build-python gives them that RUNPATH.

    OpenSSL is the system's where all systems with that glibc have it, unless `brings_openssl`: see `OPENSSL`.
    """
    library = os.path.join(package, "lib")
    own = [os.path.join(package, "bin/greenfinch"), os.path.join(library, "libgreenfinch.so")]
    wanted = {name: place for file in own for name, place in _needed(file).items() if not EVERYWHERE.match(name)}

    def copied(names):
        for name in names:
            target = os.path.join(library, name)
            if not os.path.exists(target):
                shutil.copy(os.path.realpath(wanted[name]), target)
            yield target

    others = sorted(name for name in wanted if not OPENSSL.match(name))
    files = [*own, *copied(others), os.path.join(package, "_greenfinch.abi3.so")]
    oldest = max(_glibc(file) for file in files)
    openssl = sorted(name for name in wanted if OPENSSL.match(name))
    if brings_openssl or oldest < GLIBC_WITH_OPENSSL:
        files += copied(openssl)
        oldest = max(_glibc(file) for file in files)
    elif openssl:
        with open(os.path.join(library, FROM_THE_SYSTEM), "w", encoding="utf-8") as file:
            file.write("".join(name + "\n" for name in openssl))
    return "manylinux_%d_%d_%s" % (*oldest, _machine())
