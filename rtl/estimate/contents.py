"""Proof that the memories' contents are in the netlist: an area without them would be too small and look fine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json, sha256_of
from rtl.estimate.netlist import NetlistMemory, read_only_memories

_ADVICE = "run the rtl step again"


def check_audited(folder: Path) -> None:
    """Every memory file is the one that the audit compared with the integer network.

    Args:
        folder: the core, with audit.json.

    Raises:
        UserError: a file is missing or was changed after the audit.
    """
    for memory in read_json(folder / "audit.json")["memories"]:
        path = folder / memory["file"]
        if not path.is_file():
            raise UserError(f"{path}: no such memory file; {_ADVICE}")
        if sha256_of(path) != memory["sha256"]:
            raise UserError(f"{path}: was changed after the audit; {_ADVICE}")


def check_loaded(folder: Path, files: Sequence[str], netlist: Path) -> int:
    """Every word of every memory file is in the elaborated design, bit for bit.

    Args:
        folder: the core.
        files: its memory files, relative to ``folder``.
        netlist: the elaborated memories (netlist.read_only_memories).

    Returns:
        The number of bits compared.

    Raises:
        UserError: a file that no memory holds, a memory that no file fills, or a bit that differs.
    """
    memories = read_only_memories(netlist)
    for trouble in _differences(folder, files, memories):
        raise UserError(f"{netlist}: {trouble}; the core was not synthesised with its contents, {_ADVICE}")
    return sum(len(word) for memory in memories for word in memory.words)


def _differences(folder: Path, files: Sequence[str], memories: Sequence[NetlistMemory]) -> Iterator[str]:
    filled = set()
    for memory in memories:
        named = [file for file in files if file in memory.parameters]
        if len(named) != 1:
            yield f"memory {memory.cell} names the files {named}; expected one"
            continue
        filled.add(named[0])
        yield from _unequal_words(named[0], memory, (folder / named[0]).read_text(encoding="utf-8").split())
    for file in files:
        if file not in filled:
            yield f"{file} is in no memory of the netlist"


def _unequal_words(file: str, memory: NetlistMemory, lines: Sequence[str]) -> Iterator[str]:
    if len(lines) != len(memory.words):
        yield f"{file} has {len(lines)} words, memory {memory.cell} {len(memory.words)}"
        return
    for number, (line, word) in enumerate(zip(lines, memory.words, strict=True)):
        if f"{int(line, 16):0{len(word)}b}" != word:
            yield f"memory {memory.cell} differs from {file} in word {number}"
            return
