"""What the bench prints: a table with the ratios first, the targets, and one line of JSON for each figure."""

import json
import os
import platform
from datetime import date
from typing import List

from figures import Figure


def machine() -> str:
    """The machine's size and the day, for captions."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    kernel = ".".join(platform.release().split(".")[:2])
    cores = os.cpu_count()
    return f"{date.today().isoformat()}, {cores} cores, {memory_gb:.0f} GB, {platform.system()} {kernel}, {platform.machine()}"


def number(value: float) -> str:
    """Three digits that mean something."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def table(figures: List[Figure]) -> str:
    """Ratios (ours by the peer's) first; then the figures that stand alone, then what was asked for."""
    compared = [figure for figure in figures if figure.ratio is not None]
    lines = [f"Measured {machine()}. Ratio: this library by the peer; of costs a small one is good, of speeds a large one.", ""]
    lines += [f"{'ratio':>7}  {'figure':<50} {'ours':>10} {'peer':>10} {'unit':<13} peer", ""]
    for figure in compared:
        values = f"{number(figure.value):>10} {number(figure.peer_value):>10} {figure.unit:<13}"
        lines.append(f"{figure.ratio:>7.2f}  {figure.bench:<50} {values} {figure.peer}")
    lines += ["", f"{'':>2} {'asked for':>10}  {'figure':<58} {'reached':>10}", ""]
    for figure in figures:
        if figure.target:
            lines.append(_asked(figure))
    lines += [""] + [
        f"   {'':>10}  {figure.bench:<58} {number(figure.value):>10} {figure.unit}"
        for figure in figures
        if figure.ratio is None and not figure.target
    ]
    return "\n".join(lines)


def _asked(figure: Figure) -> str:
    value, unit = (figure.ratio, f"x {figure.peer}") if figure.of_ratio else (figure.value, figure.unit)
    return f"{'' if figure.reached else '!':>2} {figure.target:>10}  {figure.bench:<58} {number(value):>10} {unit}"


def json_lines(figures: List[Figure]) -> str:
    return "\n".join(json.dumps(figure.line(), ensure_ascii=False) for figure in figures)
