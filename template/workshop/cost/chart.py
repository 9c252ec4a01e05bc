"""Draws the result of `workshop cost` as SVG."""

from __future__ import annotations

from xml.sax.saxutils import escape

from workshop.cost.result import Cost, Times

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 130, 270, 52, 40
COLOURS = {
    "bare": "#8a8f98",
    "hand-timed": "#3b82c4",
    "traced": "#774aa4",
    "traced, debug": "#c2410c",
}

LIGHT_AND_DARK = (
    ".card{fill:#fff}text{fill:#24292f}.dim{fill:#57606a}"
    "@media(prefers-color-scheme:dark){.card{fill:#1c1c26}text{fill:#e6e6ec}.dim{fill:#a9a9b6}}"
)
"""The colors of texts and background, as the reader's system has them."""


def svg(cost: Cost) -> str:
    """A bar for each variant's p50, a thin one up to its p95, and next to them, the ratio."""
    height = TOP + ROW * len(cost.variants) + 28
    scale = (WIDTH - LEFT - RIGHT) / max(times.p95 for times in cost.variants.values())
    rows = []
    for number, (name, times) in enumerate(cost.variants.items()):
        y = TOP + ROW * number
        end, far = LEFT + times.p50 * scale, LEFT + times.p95 * scale
        colour = COLOURS[name]
        rows += [
            f'<text x="{LEFT - 10}" y="{y + 20}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y + 4}" width="{end - LEFT:.1f}" height="22" fill="{colour}"/>',
            f'<rect x="{end:.1f}" y="{y + 13}" width="{far - end:.1f}" height="4" '
            f'fill="{colour}" opacity="0.5"/>',
            f'<text x="{far + 8:.1f}" y="{y + 20}">{times.p50:.2f} ms'
            f'<tspan class="dim">  {cost.ratio(name):.2f} times{_range(name, times)}'
            "</tspan></text>",
        ]
    title = f"GET {cost.path}: {cost.requests} requests to each variant, in {cost.rounds} rounds"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" role="img" aria-label="{escape(title)}">',
            "<style>text{font:14px system-ui,sans-serif}.title{font-weight:600;font-size:15px}"
            f"{LIGHT_AND_DARK}</style>",
            f'<rect class="card" width="{WIDTH}" height="{height}" rx="6"/>',
            f'<text class="title" x="16" y="30">{escape(title)}</text>',
            *rows,
            f'<text class="dim" x="16" y="{height - 12}">Thick: p50. Thin, to its end: p95. '
            "In parentheses: the likely range of the ratio.</text>",
            "</svg>\n",
        ]
    )


def _range(name: str, times: Times) -> str:
    if name == "bare":  # it is what the others are compared with
        return ""
    return f" ({times.lowest_ratio:.2f} to {times.highest_ratio:.2f})"
