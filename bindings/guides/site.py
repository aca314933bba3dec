"""Builds the web site: README, guides and the languages' pages with what they link to, beside the API reference of each language. A reference
whose tool is missing is left out, which is said; COMPLETE=1 makes that an error. A broken link fails the build.

usage: site.py OUT        with the packages of site.txt; doxygen for C and C++, go for Go
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, List

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(sys.argv[1]).resolve()
PAGES = OUT.with_name(OUT.name + "-pages")
HERE = Path(__file__).parent


def copy(file: Path) -> None:
    target = PAGES / file.relative_to(ROOT)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def pages() -> None:
    """Every page of the nav at its place in the tree, and every file that one links to."""
    for page in map(Path, re.findall(r": (\S+\.md)$", (HERE / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)):
        if page.parts[0] == "reference":
            continue
        copy(ROOT / page)
        for link in re.findall(r"\]\(([^)#:]+)[)#]", (ROOT / page).read_text(encoding="utf-8")):
            file = (ROOT / page).parent.joinpath(link).resolve()
            if file.is_file():
                copy(file)


def doxygen(name: str, headers: List[Path]) -> None:
    out = PAGES / "reference" / name
    out.mkdir()
    settings = {"HEADER": " ".join(map(str, headers)), "OUT": str(out), "VERSION": version(), "HTML": "YES", "WARN_AS_ERROR": ""}
    command = ["doxygen", str(ROOT / "bindings/c/packaging/Doxyfile")]
    # What C's reference lacks, `make reference` says.
    subprocess.run(command, check=True, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    for file in (out / "html").iterdir():
        file.rename(out / file.name)
    shutil.rmtree(out / "man", ignore_errors=True)


def c() -> str:
    doxygen("c", [ROOT / "include/tencent_chat.h"])
    return "[C](c/index.html)"


def cpp() -> str:
    doxygen("cpp", [ROOT / "include/tencent_chat.hpp", *sorted((ROOT / "include/tencent_chat").glob("*.hpp"))])
    return "[C++](cpp/index.html)"


def python() -> str:
    command = [sys.executable, "-m", "pdoc", "--output-directory", str(PAGES / "reference/python"), "tencent_chat"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), "PYTHONDONTWRITEBYTECODE": "1"})
    return "[Python](python/tencent_chat.html)"


def go() -> str:
    for package, name in ((".", "chat"), ("./chattest", "chattest")):
        said = subprocess.run(["go", "doc", "-all", package], check=True, cwd=ROOT / "bindings/go", stdout=subprocess.PIPE, encoding="utf-8")
        (PAGES / f"reference/{name}.md").write_text(f"# Go: package {name}\n\n```go\n{said.stdout}```\n", encoding="utf-8")
    return "Go: [chat](chat.md) and [chattest](chattest.md)"


def version() -> str:
    found = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def reference() -> None:
    (PAGES / "reference").mkdir()
    lines = []
    parts: List[tuple[Callable[[], str], str]] = [(c, "doxygen"), (cpp, "doxygen"), (python, sys.executable), (go, "go")]
    for part, tool in parts:
        if shutil.which(tool):
            lines.append(f"- {part()}\n")
        elif os.environ.get("COMPLETE") == "1":
            sys.exit(f"{tool} is not installed")
        else:
            print(f"{tool} is not installed, so the {part.__name__} reference is left out (`make deps` installs it)", file=sys.stderr)
    (PAGES / "reference/README.md").write_text("# API reference\n\n" + "".join(lines), encoding="utf-8")


def main() -> None:
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    pages()
    reference()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "-f", str(HERE / "mkdocs.yml")]
    environment = {**os.environ, "SITE_PAGES": str(PAGES), "SITE": str(OUT), "NO_COLOR": "1"}
    # Not --quiet: with it --strict sees no warning.
    built = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    if built.returncode != 0:
        sys.exit(built.stdout)
    print(OUT / "index.html")


if __name__ == "__main__":
    main()
