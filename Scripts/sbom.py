#!/usr/bin/env python3
"""What a release is made of, as a CycloneDX bill of materials (version 1.5, JSON): the Swift packages that the build has pinned,
and the libraries of the system that the parts are linked with.

    sbom.py VERSION FILE...    (programs and libraries that are released)
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = {"linux-vdso.so.1"}


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def swift_packages() -> list[dict]:
    resolved = ROOT / "Package.resolved"
    if not resolved.exists():
        sys.exit("sbom: there is no Package.resolved: swift package resolve")
    found = []
    for pin in json.loads(resolved.read_text())["pins"]:
        state, location = pin["state"], pin["location"].removesuffix(".git")
        version = state.get("version") or state["revision"]
        place = location.removeprefix("https://")
        found.append({
            "type": "library", "bom-ref": f"pkg:swift/{place}@{version}", "name": pin["identity"], "version": version,
            "purl": f"pkg:swift/{place}@{version}",
            "externalReferences": [{"type": "vcs", "url": f"{location}#{state['revision']}"}],
        })
    return found


def libraries(files: list[Path]) -> list[str]:
    """The paths of what the dynamic linker loads for the files, without what is released itself."""
    paths = set()
    for file in files:
        for line in said("ldd", str(file)).splitlines():
            words = line.split()
            path = words[2] if "=>" in words and len(words) > 2 else words[0] if words and words[0].startswith("/") else ""
            if path.startswith("/") and Path(path).name not in {each.name for each in files}:
                paths.add(os.path.realpath(path))
    return sorted(paths)


def debian_packages(files: list[Path]) -> list[dict]:
    # Debian's /lib is a link to /usr/lib, and its list may name either.
    spelled = [each for path in libraries(files) for each in (path, path.removeprefix("/usr"))]
    owners = said("dpkg-query", "-S", *spelled).splitlines() if spelled else []
    names = {line.partition(":")[0] for line in owners if not line.startswith("diversion")}
    found = []
    for name in sorted(names):
        version = said("dpkg-query", "-W", "-f", "${Version}", name)
        found.append({"type": "library", "bom-ref": f"pkg:deb/debian/{name}@{version}", "name": name, "version": version,
                      "purl": f"pkg:deb/debian/{name}@{version}"})
    return found


def file_component(path: Path) -> dict:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"type": "file", "bom-ref": path.name, "name": path.name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def bill(version: str, files: list[Path]) -> dict:
    """The time is the commit's, and the number is made of what is in it, so that the same sources give the same bill."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or said("git", "log", "-1", "--format=%ct") or 0)
    components = [*swift_packages(), *debian_packages(files), *(file_component(path) for path in files)]
    content = json.dumps(components, sort_keys=True)
    own = f"pkg:generic/greenfinch@{version}"
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": own, "name": "greenfinch", "version": version, "purl": own,
                          "licenses": [{"license": {"id": "Apache-2.0"}}]},
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": sorted(each["bom-ref"] for each in components)}],
    }


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print(json.dumps(bill(sys.argv[1], [Path(name) for name in sys.argv[2:]]), indent=1))
