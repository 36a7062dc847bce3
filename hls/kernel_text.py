"""What a kernel's text must and must not contain, so that a synthesiser can turn it into accumulate-only hardware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

KERNEL_FOLDER = Path(__file__).parent / "kernels"

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*", re.MULTILINE)
_OPERATOR = re.compile(r"[*/%]=?")
_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_LOOP = re.compile(r"\bfor\s*\(")
_FIXED_LOOP = re.compile(
    r"for \(unsigned (?P<variable>\w+) = 0; (?P=variable) < CONFIG_T::(?P<bound>\w+); (?P=variable)\+\+\) \{"
    r"(?P<pragma>\s*#pragma HLS (?:UNROLL|PIPELINE II=1)\n)?"
)

FORBIDDEN_WORDS = {
    "heap": ("new", "delete", "malloc", "calloc", "realloc", "free", "alloca"),
    "exception": ("throw", "try", "catch"),
    "standard library": ("std",),
    "loop without a fixed bound": ("while", "do", "goto"),
    "early exit from a loop": ("break", "continue", "return"),
    "floating point": ("float", "double", "half"),
    "virtual function": ("virtual",),
}

LOOP_PRAGMAS = {
    "n_lanes": "UNROLL",
    "n_magnitude_bits": "UNROLL",
    "n_groups": "PIPELINE II=1",
    "n_rows": "PIPELINE II=1",
    "n_channels": "PIPELINE II=1",
    "n_reach_passes": "PIPELINE II=1",
    "n_window_columns": "PIPELINE II=1",
    "n_spikes": "PIPELINE II=1",
}
"""What a loop over lanes, bits of a spike, groups, weight rows, pixels, or of maps passes and columns of a window begins with.

Loops over time steps and over the passes of a decision hold other loops.
"""


def kernel_headers() -> list[Path]:
    """All kernels of this project."""
    return sorted(KERNEL_FOLDER.resolve().glob("*.h"))


def kernel_faults(path: Path) -> list[str]:
    """Everything in a kernel that must not be there, one line each with file and line; empty where all is well."""
    text = _without_comments(path.read_text(encoding="utf-8"))
    found = [*_operators(text), *_words(text), *_loops(text)]
    return [f"{path.name} line {text.count(chr(10), 0, position) + 1}: {fault}" for position, fault in sorted(found)]


def _without_comments(text: str) -> str:
    """The text with comments and includes blanked, lines kept."""
    for pattern in (_COMMENT, _INCLUDE):
        text = pattern.sub(lambda match: "\n" * match.group().count("\n"), text)
    return text


def _operators(text: str) -> Iterator[tuple[int, str]]:
    for match in _OPERATOR.finditer(text):
        yield match.start(), f"operator {match.group()}"


def _words(text: str) -> Iterator[tuple[int, str]]:
    kinds = {word: kind for kind, words in FORBIDDEN_WORDS.items() for word in words}
    for match in _WORD.finditer(text):
        if match.group() in kinds:
            yield match.start(), f"{match.group()} ({kinds[match.group()]})"


def _loops(text: str) -> Iterator[tuple[int, str]]:
    for start in (match.start() for match in _LOOP.finditer(text)):
        match = _FIXED_LOOP.match(text, start)
        if match is None:
            line = text[start : text.index("\n", start)]
            yield start, f"{line} (a loop must run from 0 to a bound of CONFIG_T by one)"
            continue
        variable, pragma = match["variable"], LOOP_PRAGMAS.get(match["bound"])
        if pragma is not None and pragma not in (match["pragma"] or ""):
            yield start, f"loop over {match['bound']} without #pragma HLS {pragma}"
        body = text[match.end() : _end_of_block(text, match.end())]
        if re.search(rf"\b{variable}\s*(?:[-+&|^]?=(?!=)|<<=|>>=|\+\+|--)|(?:\+\+|--)\s*{variable}\b", body):
            yield start, f"loop variable {variable} is changed in the loop"


def _end_of_block(text: str, start: int) -> int:
    """Position of the brace that closes the block whose inside begins at ``start``."""
    depth = 1
    for match in re.finditer(r"[{}]", text[start:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return start + match.start()
    return len(text)
