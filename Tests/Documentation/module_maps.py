"""Prints what the compiler needs, besides the modules of a debug build, to find the C modules that these import.

    module_maps.py [BUILD FOLDER]    (.build/debug)
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def module_maps(build):
    """What C modules are called, wherever their maps lie."""
    for map_file in [*build.glob("*.build/module.modulemap"), *ROOT.glob("Sources/C*/include/module.modulemap"),
                     *ROOT.glob("Sources/C*/module.modulemap"), *ROOT.glob("C*/include/module.modulemap"),
                     *(build.parent.parent / "checkouts").glob("*/Sources/*/include/module.modulemap")]:
        yield from ("-Xcc", f"-fmodule-map-file={map_file}")


def build_folder(arguments):
    return pathlib.Path(arguments[0] if arguments else ROOT / ".build/debug").resolve()


if __name__ == "__main__":
    print("\n".join(module_maps(build_folder(sys.argv[1:]))))
