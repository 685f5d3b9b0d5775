"""What a wheel may say of the systems that it runs on, and what must be in it for that."""

import os
import re
import shutil
import subprocess
import sysconfig

# What manylinux takes to be everywhere (PEP 600): the C library's parts, and libgcc.
EVERYWHERE = re.compile(r"^(lib(c|m|dl|pthread|rt|util|gcc_s|resolv|stdc\+\+)\.so|ld-linux|linux-vdso)")


def _machine():
    return sysconfig.get_platform().split("-")[-1]


def own():
    """This system alone, since the wheel uses its libraries."""
    return f"linux_{_machine()}"


def _needed(path):
    """The shared libraries that a file is linked to, by their names and where they are here."""
    text = subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout
    return {name: place for name, place in re.findall(r"^\s*(\S+) => (\S+) \(", text, re.MULTILINE)}


def _glibc(path):
    """The newest version of the C library's symbols that a file uses."""
    text = subprocess.run(["objdump", "-T", path], check=True, capture_output=True, text=True).stdout
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", text)
    return max(((int(major), int(minor)) for major, minor in versions), default=(2, 17))


def bundle(package):
    """Copies the libraries that are not everywhere beside libgreenfinch, and says the oldest glibc that will do.

    The native parts look for them in `lib` first: Scripts/build-python gives them that RUNPATH.
    """
    library = os.path.join(package, "lib")
    files = [os.path.join(package, "bin/greenfinch"), os.path.join(library, "libgreenfinch.so")]
    for name, place in sorted({item for file in files for item in _needed(file).items()}):
        if not EVERYWHERE.match(name) and not os.path.exists(os.path.join(library, name)):
            target = os.path.join(library, name)
            shutil.copy(os.path.realpath(place), target)
            files.append(target)
    files.append(os.path.join(package, "_greenfinch.abi3.so"))
    major, minor = max(_glibc(file) for file in files)
    return f"manylinux_{major}_{minor}_{_machine()}"
