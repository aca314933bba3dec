"""Draws the ratios as one plain SVG: for each figure a bar for every peer, on a logarithmic scale where this library is 1.
"""

import math
from typing import Dict, List
from xml.sax.saxutils import escape

from figures import FLOOR, Figure
from report import machine

WIDTH, LEFT, RIGHT, ROW, GAP = 820, 250, 90, 17, 26
#: Colours of a peer's bar, of the floor's, of text and lines; readable on white and by the colour-blind.
PEER, LOWEST, TEXT, LINE, PAPER = "#c2703d", "#9a9a9a", "#222222", "#d5d5d5", "#ffffff"


def draw(figures: List[Figure]) -> str:
    groups = _groups(figures)
    most = max(_times(figure) for bars in groups.values() for figure in bars)
    least = min(_times(figure) for bars in groups.values() for figure in bars)
    low, high = math.floor(math.log2(min(least, 1))), math.ceil(math.log2(most))

    def x(times: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log2(times) - low) / (high - low)

    parts: List[str] = []
    y = 58
    for title, bars in groups.items():
        parts.append(_text(12, y + 12, title, bold=True))
        y += ROW + 3
        for figure in sorted(bars, key=_times):
            parts.append(_bar(figure, y, x))
            y += ROW
        y += GAP - ROW
    height = y + 34
    grid = [_grid(2.0**power, x, height) for power in range(low, high + 1)]
    return "\n".join([_head(height), *grid, *parts, _text(12, height - 12, f"make bench, {machine()}"), "</svg>", ""])


def _groups(figures: List[Figure]) -> Dict[str, List[Figure]]:
    groups: Dict[str, List[Figure]] = {}
    for figure in figures:
        # Nothing on either side has no place on this scale.
        if figure.bar and figure.ratio:
            groups.setdefault(figure.bar, []).append(figure)
    return groups


def _times(figure: Figure) -> float:
    """How many times what this library takes the peer takes."""
    return 1 / figure.ratio


def _head(height: float) -> str:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    title = "What others take where this library takes 1"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
            f"<title>{title}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            f'<text x="12" y="24" font-size="16" font-weight="bold" fill="{TEXT}">{title}</text>',
        ]
    )


def _text(x: float, y: float, text: str, bold: bool = False, end: bool = False) -> str:
    style = (' font-weight="bold"' if bold else "") + (' text-anchor="end"' if end else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{TEXT}"{style}>{escape(text)}</text>'


def _grid(times: float, x, height: float) -> str:
    at, weight = x(times), 2 if times == 1 else 1
    line = f'<line x1="{at:.1f}" y1="50" x2="{at:.1f}" y2="{height - 34}" stroke="{TEXT if times == 1 else LINE}" stroke-width="{weight}"/>'
    label = f"{times:g}" if times >= 1 else f"1/{1 / times:g}"
    return line + f'<text x="{at:.1f}" y="44" text-anchor="middle" fill="{TEXT}">{label}</text>'


def _bar(figure: Figure, y: float, x) -> str:
    times = _times(figure)
    left, right = sorted((x(1), x(times)))
    colour = LOWEST if figure.peer == FLOOR else PEER
    bar = f'<rect x="{left:.1f}" y="{y + 2}" width="{max(1.0, right - left):.1f}" height="{ROW - 4}" fill="{colour}"/>'
    value = f"{times:.2f}" if times < 10 else f"{times:.0f}"
    return _text(LEFT - 10, y + 13, figure.peer, end=True) + bar + _text(right + 5, y + 13, value)
