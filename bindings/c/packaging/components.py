"""What the binaries are made of: a bill of materials (CycloneDX JSON) and the licences of everything that is linked in.
It fails on a licence that we do not accept and on a missing licence text, and writes the same bytes for the same Cargo.lock and
compiler.

usage: components.py OUT [TRIPLE]     writes OUT/tencent-chat.cdx.json and OUT/THIRD-PARTY-LICENSES.txt
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
OWN = ("tencent-chat", "chat-emulator", "tencent-chat-program")
#: Licences that ask for no more than keeping their text and notices.
ACCEPTED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CDLA-Permissive-2.0", "ISC", "MIT",
    "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip
LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?$")

Package = dict[str, Any]


def output(*command: str) -> str:
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        raise SystemExit(f"components.py: {' '.join(command)} failed (exit {ended.returncode}); its output says why")
    return ended.stdout


def accepted(expression: str) -> bool:
    """Whether an SPDX expression (or the old form with a slash) leaves a choice that we accept."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def either() -> bool:
        result = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both() -> bool:
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one() -> bool:
        token = tokens.pop(0)
        if token == "(":
            result = either()
            tokens.pop(0)
            return result
        if tokens[:1] == ["WITH"]:
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in ACCEPTED

    return bool(tokens) and either() and not tokens


def linked(triple: str) -> tuple[dict[str, Package], dict[str, list[str]]]:
    """The packages inside the library and the two programs by id, and which depends on which: no build or test tool, no macro."""
    asked = ("--format-version=1", "--locked", f"--filter-platform={triple}")
    metadata = json.loads(output("cargo", "metadata", *asked))
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

    def needs(identity: str) -> list[str]:
        needed = (d for d in nodes[identity]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"]))
        is_macro = lambda id_: any("proc-macro" in target["kind"] for target in packages[id_]["targets"])  # noqa: E731
        return sorted(d["pkg"] for d in needed if not is_macro(d["pkg"]))

    waiting = [identity for identity, package in packages.items() if package["name"] in OWN]
    edges: dict[str, list[str]] = {}
    while waiting:
        identity = waiting.pop()
        if identity not in edges:
            edges[identity] = needs(identity)
            waiting += edges[identity]
    return {identity: packages[identity] for identity in edges}, edges


def purl(package: Package) -> str:
    return f"pkg:cargo/{package['name']}@{package['version']}"


def checksums() -> dict[tuple[str, str], str]:
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    entry = re.compile(r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]{64})"')
    return {(name, version): sha for name, version, sha in entry.findall(lock)}


def bill(packages: dict[str, Package], edges: dict[str, list[str]], rust: str) -> dict[str, Any]:
    """CycloneDX 1.5. No time stamp, and a serial number made from the contents: equal inputs give an equal file."""
    sums = checksums()

    def component(package: Package) -> dict[str, Any]:
        sha = sums.get((package["name"], package["version"]))
        return {
            "type": "application" if package["name"] in OWN[1:] else "library",
            "bom-ref": purl(package),
            "name": package["name"],
            "version": package["version"],
            "licenses": [{"expression": package["license"].replace("/", " OR ")}],
            "purl": purl(package),
            **({"hashes": [{"alg": "SHA-256", "content": sha}]} if sha else {}),
        }

    ours = next(package for package in packages.values() if package["name"] == OWN[0])
    others = sorted((p for p in packages.values() if p is not ours), key=purl)
    std = {"type": "library", "bom-ref": f"rust-std@{rust}", "name": "rust-std", "version": rust,
           "licenses": [{"expression": "MIT OR Apache-2.0"}]}  # fmt: skip
    reference = {identity: purl(package) for identity, package in packages.items()}
    graph = [{"ref": reference[i], "dependsOn": sorted(reference[n] for n in edges[i])} for i in packages]
    contents = {
        "metadata": {"component": component(ours)},
        "components": [component(package) for package in others] + [std],
        "dependencies": sorted(graph, key=lambda node: node["ref"]),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(contents, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1, **contents}


def licence_texts(package: Package) -> list[str]:
    """Every licence file of a package, also of code of others inside it; without any, the Apache licence if it may be had under that."""
    folder = Path(package["manifest_path"]).parent
    files = sorted(file for file in folder.rglob("*") if file.is_file() and LICENCE_FILE.match(file.name))
    if files:
        return [read(file) for file in files]
    return [read(ROOT / "LICENSE-APACHE")] if "Apache-2.0" in re.split(r"[^\w.-]+", package["license"]) else []


def rust_texts() -> list[str]:
    """What the Rust toolchain says of its own library; a distribution's may not carry it, then the two texts that this project has."""
    place = Path(output("rustc", "--print", "sysroot").strip()) / "share/doc/rust/licenses"
    carried = [place / f"{name}.txt" for name in ("Apache-2.0", "MIT", "LLVM-exception", "BSD-2-Clause", "Unicode-3.0")]
    found = [file for file in carried if file.is_file()]
    return [read(file) for file in found or (ROOT / "LICENSE-APACHE", ROOT / "LICENSE-MIT")]


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip() + "\n"


def notices(packages: dict[str, Package], rust: str) -> str:
    """Every licence text once, after a list of who stands under it."""
    users: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    lines, lacking = [], []
    entries = [(f"rust-std {rust}", "MIT OR Apache-2.0", rust_texts())]
    for package in sorted(packages.values(), key=lambda p: (p["name"], p["version"])):
        if package["name"] in OWN:
            continue
        found = licence_texts(package)
        lacking += [] if found else [package["name"]]
        entries.append((f"{package['name']} {package['version']}", package["license"], found))
    for name, licence, found in entries:
        lines.append(f"{name}  ({licence})\n")
        for text in found:
            key = hashlib.sha256(text.encode()).hexdigest()
            texts[key] = text
            users.setdefault(key, []).append(name)
    if lacking:
        raise SystemExit(f"components.py: no licence file in {', '.join(lacking)}: add its text or replace the package")
    parts = ["What libtencent_chat, chat-emulator and tencent-chat contain besides their own code, and under which terms.\n\n", *lines]
    for key in sorted(texts, key=lambda k: users[k][0]):
        who = ", ".join(dict.fromkeys(users[key]))
        parts.append(f"\n{'=' * 80}\n{who}\n{'=' * 80}\n\n{texts[key]}")
    return "".join(parts)


def main() -> None:
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    version = output("rustc", "-vV")
    host = re.search(r"^host: (.+)$", version, re.M).group(1)  # type: ignore[union-attr]
    rust = re.search(r"^release: (.+)$", version, re.M).group(1)  # type: ignore[union-attr]
    packages, edges = linked(sys.argv[2] if len(sys.argv) == 3 else host)
    refused = [f"{p['name']} ({p['license']})" for p in packages.values() if not accepted(p["license"] or "")]
    if refused:
        raise SystemExit(f"components.py: licences that nobody has accepted: {', '.join(refused)}")
    out = Path(sys.argv[1])
    os.makedirs(out, exist_ok=True)
    text = json.dumps(bill(packages, edges, rust), indent=1, ensure_ascii=False) + "\n"
    (out / "tencent-chat.cdx.json").write_text(text, encoding="utf-8")
    (out / "THIRD-PARTY-LICENSES.txt").write_text(notices(packages, rust), encoding="utf-8")


if __name__ == "__main__":
    main()
