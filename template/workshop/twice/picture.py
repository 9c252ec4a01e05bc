"""Draws a request twice, below each other and to the same scale: as SVG, and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from rich.cells import set_cell_size
from rich.text import Text

from workshop.cost.chart import LIGHT_AND_DARK
from workshop.traces.bars import Bar
from workshop.twice.pairing import Twice

WIDTH, LEFT, RIGHT, ROW, HEAD = 640, 250, 76, 22, 46
INDENT = 10
COLORS = ("#3b82c4", "#774aa4", "#2f855a", "#c2410c", "#b7791f", "#8a8f98")
NAME, BAR = 40, 26
"""The width of the two columns in the terminal."""


def headings(twice: Twice) -> tuple[str, str]:
    """What the two parts are, in a sentence each."""
    return (
        f"By hand: {len(twice.by_hand)} lines. They don't say when they started, so where a bar "
        "begins is a guess.",
        f"By the tracing client: {twice.spans} spans, of which these {len(twice.traced)} aren't "
        "the framework's own.",
    )


def text(twice: Twice) -> Iterator[Text]:
    """The lines for a terminal of 80 columns."""
    for heading, bars in zip(headings(twice), (twice.by_hand, twice.traced), strict=True):
        digits = _digits(twice, bars)
        yield Text()
        yield Text(heading, "bold")
        for bar in bars:
            name = set_cell_size(f"{' ' * bar.depth}{bar.name}", NAME)
            first = min(int(bar.start / twice.milliseconds * BAR), BAR - 1)
            length = max(1, min(round(bar.length / twice.milliseconds * BAR), BAR - first))
            drawn = (" " * first + "█" * length).ljust(BAR)
            yield Text(f"{name} {drawn} {bar.length:7.{digits}f} ms", no_wrap=True)


def svg(twice: Twice) -> str:
    """The picture, with a color for each service."""
    parts = list(zip(headings(twice), (twice.by_hand, twice.traced), strict=True))
    services = list(dict.fromkeys(bar.service for bar in twice.traced))
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(services)}
    height = sum(HEAD + ROW * len(bars) for _, bars in parts) + 14
    drawn: list[str] = []
    y = 0
    for (title, _, said), bars in ((heading.partition(": "), bars) for heading, bars in parts):
        drawn.append(f'<text class="title" x="16" y="{y + 24}">{escape(title)}</text>')
        drawn.append(f'<text class="dim" x="16" y="{y + 40}">{escape(said)}</text>')
        y += HEAD
        drawn += _rows(bars, y, twice.milliseconds, colors, _digits(twice, bars))
        y += ROW * len(bars)
    label = f"One pairing of {twice.milliseconds:.0f} ms, timed by hand and traced"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" role="img" aria-label="{label}">',
            "<style>text{font:12px system-ui,sans-serif}.title{font-weight:600;font-size:14px}"
            f"{LIGHT_AND_DARK}</style>",
            f'<rect class="card" width="{WIDTH}" height="{height}" rx="6"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def _digits(twice: Twice, bars: Sequence[Bar]) -> int:
    """How many decimals to show: timing.log has whole milliseconds."""
    return 0 if bars is twice.by_hand else 1


def _rows(
    bars: Sequence[Bar], top: int, milliseconds: float, colors: dict[str, str], digits: int
) -> Iterator[str]:
    scale = (WIDTH - LEFT - RIGHT) / milliseconds
    for number, bar in enumerate(bars):
        y, x = top + ROW * number, 16 + INDENT * bar.depth
        most = (LEFT - x - 8) // 6  # characters of about 6 pixels
        name = bar.name if len(bar.name) <= most else f"{bar.name[: most - 1]}…"
        begin, width = LEFT + bar.start * scale, max(bar.length * scale, 1.5)
        color = colors.get(bar.service, COLORS[-1])
        yield f'<text x="{x}" y="{y + 15}">{escape(name)}</text>'
        yield f'<rect x="{begin:.1f}" y="{y + 4}" width="{width:.1f}" height="14" fill="{color}"/>'
        yield (
            f'<text class="dim" x="{WIDTH - 12}" y="{y + 15}" text-anchor="end">'
            f"{bar.length:.{digits}f} ms</text>"
        )
