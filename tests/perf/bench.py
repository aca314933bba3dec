"""`make bench`: builds what it needs, measures everything in one go on loopback, prints a table and a line of JSON a figure, and
draws `ratios.svg`.

    python3 tests/perf/bench.py PREFIX WORK [FUNCTION...]

PREFIX is an installation (`make stage`), WORK a folder for what is built; the names of functions in `figures.py` take these alone
and draw nothing. Uses the standard library; what a figure means is in README.md beside this file.
"""

import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import figures  # noqa: E402
import picture  # noqa: E402
import report  # noqa: E402
from build import build  # noqa: E402
from servers import Emulator, Responder, target  # noqa: E402


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit("usage: bench.py PREFIX WORK [FUNCTION...]")
    prefix, work, wanted = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]
    unknown = set(wanted) - {function.__name__ for function in figures.ALL}
    if unknown:
        sys.exit(f"no such figures: {', '.join(sorted(unknown))}; there are {', '.join(f.__name__ for f in figures.ALL)}")
    for name in list(os.environ):
        # Some peers would go through a proxy.
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    print("building the clients", file=sys.stderr)
    programs = build(prefix, work)
    with Responder(programs.peers / "responder", work / "responder-ca.pem") as responder, Emulator(programs.emulator) as emulator:
        found = figures.take(figures.Bench(programs, responder, emulator, target()), wanted)
    print(report.table(found))
    print()
    lines = report.json_lines(found)
    print(lines)
    if not wanted:
        (work / "figures.jsonl").write_text(lines + "\n")
        (Path(__file__).resolve().parent / "ratios.svg").write_text(picture.draw(found))
    missed = [figure.bench for figure in found if figure.reached is False]
    print(json.dumps({"figures": len(found), "asked_for": sum(bool(f.target) for f in found), "missed": missed}), file=sys.stderr)


if __name__ == "__main__":
    main()
