"""What a step is: a plain function from folders to a folder, and everything that decides its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.config.schema import Configuration


@dataclass(frozen=True)
class Settings:
    """What one command was asked to do; ``device`` decides how a result is made, not what it is."""

    config: Configuration
    data_dir: Path | None = None
    device: str = "cpu"


def as_it_is(config: Configuration) -> Configuration:
    """For steps that read their keys as they are written."""
    return config


def no_lines(_folder: Path) -> list[str]:
    """For steps that compare nothing, or have no details."""
    return []


def no_files(_settings: Settings) -> dict[str, str | None]:
    """For steps that read nothing from outside of the build."""
    return {}


def nothing_to_say(_folder: Path) -> str:
    """For steps without a figure worth a line."""
    return ""


@dataclass(frozen=True)
class Step:
    """One step of a build.

    Attributes:
        name: its folder's name.
        purpose: what it does, in a few words.
        run: called with the settings, the folders of the upstream steps by name, and an empty folder to write to.
        upstream: steps whose outputs it reads.
        reads: of an upstream step the files that it reads, where these are not all.
        keys: configuration keys or whole tables it reads; it sees every other key at its default.
        view: turns the configuration into an equivalent one for this step, before the keys are read.
        sources: files and folders of this repository whose contents decide its result.
        tools: external programs whose versions decide it, rows of ``model.base.tools.REQUIREMENTS``.
        packages: Python packages whose versions decide it.
        files: tells what is read from outside of the build, by name, with a value that changes when the files do; None where a
            command does not say where they are, which is no reason to read them again.
        resumes: an interrupted run with the same inputs finds its unfinished folder again.
        failures: reads a finished folder and says which comparisons failed, the first difference named; empty for PASS.
        summary: reads a finished folder and tells its main figures in a few words.
        details: reads a finished folder and tells line by line what was checked; shown where a person asked for this step.
        published: files that are also copied to the build's own folder.
    """

    name: str
    purpose: str
    run: Callable[[Settings, Mapping[str, Path], Path], None]
    upstream: tuple[str, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    view: Callable[[Configuration], Configuration] = as_it_is
    sources: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    files: Callable[[Settings], dict[str, str | None]] = no_files
    resumes: bool = False
    failures: Callable[[Path], list[str]] = no_lines
    summary: Callable[[Path], str] = nothing_to_say
    details: Callable[[Path], list[str]] = no_lines
    published: tuple[str, ...] = ()


def with_upstream(steps: Sequence[Step], target: str) -> list[Step]:
    """A step and everything it needs, in the order of ``steps``."""
    needed = {target}
    for step in reversed(steps):
        if step.name in needed:
            needed.update(step.upstream)
    return [step for step in steps if step.name in needed]
