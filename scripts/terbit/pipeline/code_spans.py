"""Code spans: where a Markdown text is code, so that templates leave it alone."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

_NESTED = r"[ \t>]*(?:(?:[-*+:~]|\(?[0-9A-Za-z#@]{1,9}[.)])[ \t]+)*"
_FENCE = re.compile(_NESTED + r"(`{3,}(?=[^`]*\Z)|~{3,})")
_CLOSING_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*\Z")


def fences(lines: Sequence[str]) -> dict[int, int]:
    """The lines that can open a fenced block, each with the one that closes it (from 0).

    A fence that nothing closes is not among them: Pandoc takes it as text. Time
    is near linear, however many fences there are.
    """
    out: dict[int, int] = {}
    # the closing fences below: (-length, line), the nearest last, each longer than all nearer ones
    closing: dict[str, list[tuple[int, int]]] = {"`": [], "~": []}
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if "```" not in line and "~~~" not in line:
            continue
        if fence := _FENCE.match(line):
            below = closing[fence[1][0]]
            if at := bisect_right(below, (-len(fence[1]), len(lines))):
                out[number] = below[at - 1][1]
        if fence := _CLOSING_FENCE.match(line):
            below = closing[fence[1][0]]
            while below and -below[-1][0] <= len(fence[1]):
                below.pop()
            below.append((-len(fence[1]), number))
    return out


OPENING = re.compile(r"\{[{%]|\{##")
_NEXT = re.compile(
    rf"^{_NESTED}(?P<fence>`{{3,}}|~{{3,}})"
    r"|(?P<raw>\{%[-+]?\s*raw\s*[-+]?%\})"
    r"|(?P<jinja>\{[{%]|\{##)"
    r"|(?P<escape>\\[`\\])"
    r"|(?P<ticks>`+)",
    re.MULTILINE,
)
_STRING = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_END = {
    "{{": re.compile(_STRING + r"|(?P<end>\}\})", re.DOTALL),
    "{%": re.compile(_STRING + r"|(?P<end>%\})", re.DOTALL),
    "{##": re.compile(r"(?P<end>##\})"),
    "raw": re.compile(r"(?P<end>\{%[-+]?\s*endraw\s*[-+]?%\})"),
}
_EMPTY_LINE = re.compile(r"\n[ \t>]*\n")


def hide_code(text: str, brace: str) -> str:
    """The text with `brace` for every `{` that stands in code."""
    out, done = [], 0
    for start, end in code_spans(text):
        out += [text[done:start], text[start:end].replace("{", brace)]
        done = end
    return "".join(out) + text[done:]


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where code starts and ends in `text`, in order; what Jinja's own signs enclose is none."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    closing = fences(lines)
    runs: dict[int, list[int]] = {}
    for run in re.finditer("`+", text):
        runs.setdefault(len(run[0]), []).append(run.start())
    at = 0
    while match := _NEXT.search(text, at):
        at = match.end()
        if match["raw"] or match["jinja"]:
            past = _past(text, at, _END[match["jinja"] or "raw"])
            if past is None:
                return  # Jinja will say what is missing
            at = past
            continue
        first = bisect_right(starts, match.start()) - 1
        ticks = match["ticks"] or match["fence"] or ""
        if match["fence"] and first in closing:
            at = starts[closing[first] + 1] - 1
            yield starts[first], at
        elif ticks.startswith("`"):
            ends = runs[len(ticks)]
            nearest = bisect_left(ends, at)
            if nearest < len(ends) and not _EMPTY_LINE.search(text, at, ends[nearest]):
                start, at = at - len(ticks), ends[nearest] + len(ticks)
                yield start, at


def _past(text: str, at: int, sign: re.Pattern[str]) -> int | None:
    """Where `text` goes on after the next closing `sign`; None if there is none."""
    while match := sign.search(text, at):
        at = match.end()
        if match["end"]:
            return at
    return None


# the template ------------------------------------------------------------
