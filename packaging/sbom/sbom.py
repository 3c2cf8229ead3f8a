#!/usr/bin/env python3
"""Prints a CycloneDX 1.5 bill of materials for a release artefact.

The components are the libraries that the two programs load, by the Debian
package that ships each.  The output depends on the artefact and the installed
packages alone: no time, no random serial number.

    sbom.py ARTEFACT [PROGRAM ...]
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import uuid


# Loaded when the source is Azure, so that the programs do not name it.
LOADED = "libcurl.so.4"


def run(*words, **environment):
    return subprocess.run(words, capture_output=True, text=True, check=False,
                          env={**os.environ, **environment}).stdout


def libraries(programs):
    """Paths of the shared libraries that the programs load."""
    paths = set()
    for program in programs:
        for match in re.finditer(r"(/\S+\.so\S*)", run("ldd", program, LD_PRELOAD=LOADED)):
            paths.add(os.path.realpath(match.group(1)))
    return sorted(paths)


def package_of(path):
    """The Debian package that owns a file, as (name, version, licence)."""
    candidates = [path]
    for prefix in ("/usr", ""):
        candidates.append(prefix + path if prefix else path.removeprefix("/usr"))
    for candidate in candidates:
        owner = run("dpkg-query", "-S", candidate)
        if owner:
            name = owner.split(": ")[0].split(",")[0].strip()
            fields = run("dpkg-query", "-W", "-f", "${Package} ${Version}", name).split()
            if len(fields) == 2:
                return fields[0], fields[1]
    return None


def component(name, version, kind):
    return {
        "type": kind,
        "bom-ref": f"pkg:deb/debian/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{name}@{version}",
    }


def digest(artefact):
    """SHA-256 of a file, or of an OCI folder's index."""
    path = artefact
    if os.path.isdir(path):
        path = os.path.join(path, "index.json")
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    artefact = sys.argv[1].rstrip("/")
    programs = sys.argv[2:] or ["build/flowverify_exporter", "build/flowverify"]
    with open("VERSION", encoding="ascii") as file:
        version = file.read().strip()
    owners = {path: package_of(path) for path in libraries(programs)}
    strays = [path for path, package in owners.items() if not package]
    if strays or not owners:
        sys.exit("sbom.py: of no package: " + (" ".join(strays) or "anything"))
    packages = set(owners.values())
    sha = digest(artefact)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "urn:uuid:" + str(uuid.UUID(bytes=bytes.fromhex(sha)[:16], version=4)),
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:generic/flowverify@{version}",
                "name": "flowverify",
                "version": version,
                "purl": f"pkg:generic/flowverify@{version}",
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "hashes": [{"alg": "SHA-256", "content": sha}],
                "properties": [{"name": "artefact", "value": os.path.basename(artefact)}],
            }
        },
        "components": [component(name, number, "library") for name, number in sorted(packages)],
        "dependencies": [
            {
                "ref": f"pkg:generic/flowverify@{version}",
                "dependsOn": [f"pkg:deb/debian/{n}@{v}" for n, v in sorted(packages)],
            }
        ],
    }
    json.dump(document, sys.stdout, indent=1, sort_keys=True)
    print()


main()
