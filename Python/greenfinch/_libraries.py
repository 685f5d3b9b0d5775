"""What a wheel takes from the system, and does not bring along."""

import os


def missing(folder):
    """Those libraries named in the package's folder ``lib`` that cannot be loaded here. Where they are the loader, which starts the command,
    finds them too."""
    try:
        with open(os.path.join(folder, "from-the-system"), encoding="utf-8") as file:
            names = file.read().split()
    except OSError:
        return []
    try:
        from ctypes import CDLL
    except ImportError:
        return []
    return [name for name in names if not _loads(CDLL, name)]


def _loads(load, name):
    try:
        load(name)
    except OSError:
        return False
    return True


def sentence(names):
    """What is said where there are such."""
    return (
        "Error: greenfinch takes OpenSSL from the system, and %s cannot be loaded here: install the system's OpenSSL (apt-get install "
        "libssl3, dnf install openssl-libs), or make a wheel that brings it along (openssl=bundled)" % " and ".join(names)
    )
