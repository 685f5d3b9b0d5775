"""The build backend of `pip install .`, PEP 517: it needs nothing but Python, Swift and a C compiler."""

import base64
import hashlib
import os
import shutil
import stat
import tempfile
import time
import zipfile

import native_parts
import platform_tag

METADATA = """Metadata-Version: 2.1
Name: greenfinch
Version: {version}
Summary: Serves WSGI and ASGI applications in green workers: each request in a fiber that Python takes for a thread
Requires-Python: >=3.9
Description-Content-Type: text/markdown

{readme}
"""

WHEEL = """Wheel-Version: 1.0
Generator: greenfinch_build
Root-Is-Purelib: false
Tag: cp39-abi3-{platform}
"""

ENTRY_POINTS = """[console_scripts]
greenfinch = greenfinch.__main__:main
"""


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    native_parts.check_interpreter()
    # Without it pip builds the whole wheel for this, and says so long that it prepares metadata.
    _write_information(metadata_directory, platform_tag.own())
    return _information_folder()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    native_parts.check_interpreter()
    settings = config_settings or {}
    with tempfile.TemporaryDirectory() as folder:
        native = os.environ.get("GREENFINCH_NATIVE_PARTS")
        if not native:
            native = os.path.join(native_parts.SCRATCH, "parts")
            native_parts.build_native(native)
        native_parts.assemble(folder, native)
        if settings.get("portable"):
            brings_openssl = settings.get("openssl") == "bundled"
            tag = platform_tag.bundle(os.path.join(folder, "greenfinch"), brings_openssl)
        else:
            tag = platform_tag.own()
        name = f"greenfinch-{native_parts.version()}-cp39-abi3-{tag}.whl"
        _write_information(folder, tag)
        _pack(folder, os.path.join(wheel_directory, name))
    return name


def _information_folder():
    return f"greenfinch-{native_parts.version()}.dist-info"


def _write_information(folder, tag):
    target = os.path.join(folder, _information_folder())
    os.makedirs(target)
    with open(os.path.join(native_parts.ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    for name, text in (
        ("METADATA", METADATA.format(version=native_parts.version(), readme=readme)),
        ("WHEEL", WHEEL.format(platform=tag)),
        ("entry_points.txt", ENTRY_POINTS),
    ):
        with open(os.path.join(target, name), "w", encoding="utf-8") as file:
            file.write(text)
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md"):
        path = os.path.join(native_parts.ROOT, name)
        if os.path.exists(path):
            shutil.copy(path, target)


def _time():
    """The time of all that is in a wheel: SOURCE_DATE_EPOCH, in seconds since 1970, or the first that a zip can name."""
    said = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    try:
        return min(max(time.gmtime(int(said))[:6], (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58))
    except (ValueError, OverflowError, OSError):
        raise SystemExit(f"SOURCE_DATE_EPOCH is to be a number of seconds, and is '{said}'") from None


def _pack(folder, path):
    """A wheel: a zip of the folder, with a record of what is in it at the end.

    The same files give the same wheel, whenever they were written and with whatever umask.
    """
    moment = _time()
    record = os.path.join(_information_folder(), "RECORD")
    lines = []

    def add(wheel, name, data, executable=False):
        entry = zipfile.ZipInfo(name, moment)
        entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
        wheel.writestr(entry, data, zipfile.ZIP_DEFLATED)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for place, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                full = os.path.join(place, file)
                name = os.path.relpath(full, folder)
                with open(full, "rb") as content:
                    data = content.read()
                add(wheel, name, data, executable=os.stat(full).st_mode & stat.S_IXUSR)
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                lines.append(f"{name},sha256={digest},{len(data)}")
        add(wheel, record, "\n".join([*lines, f"{record},,", ""]))


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("there is no source distribution: install from the repository, or make a wheel by make wheel")
