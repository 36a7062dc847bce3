"""``flow.py doctor``: which tools and packages are there, and what to do about those that are not."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from model.base.tools import Finding, all_tools
from pipeline.terminal import print_aligned

_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """A pinned Python package and the version that is installed, None where it is not."""

    name: str
    pinned: str
    installed: str | None

    @property
    def good(self) -> bool:
        """Whether the pinned version is installed; local builds of it, such as ``+cpu``, are the same version."""
        return self.installed is not None and self.installed.partition("+")[0] == self.pinned


def pinned_packages(constraints: Path) -> list[Package]:
    """Every package of the constraints file."""
    return [Package(name, pinned, _installed(name)) for name, pinned in _PINNED.findall(constraints.read_text(encoding="utf-8"))]


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def examine(constraints: Path) -> bool:
    """Print what was found.

    Args:
        constraints: the file with the pinned versions.

    Returns:
        Whether everything necessary is there.
    """
    findings = all_tools()
    packages = pinned_packages(constraints)
    wrong = [package for package in packages if not package.good]
    print_aligned([("tool", "version", "at least", "found by", "where"), *map(_row, findings)])
    print()
    for finding in findings:
        if finding.tool is None or finding.remark:
            print(f"{_severity(finding)}: {finding.requirement.name}: {finding.remark}")
    good = f"{len(packages) - len(wrong)} of {len(packages)} packages as pinned in {constraints.name}"
    print(f"Python {platform.python_version()}, {good}")
    for package in wrong:
        print(f"missing: {package.name} {package.pinned} is pinned, {package.installed or 'none'} is installed; run `make build`")
    complete = not wrong and all(finding.tool is not None or finding.requirement.optional for finding in findings)
    print("everything necessary is there" if complete else "something necessary is missing")
    return complete


def _severity(finding: Finding) -> str:
    if finding.tool is not None:
        return "note"
    return "optional" if finding.requirement.optional else "missing"


def _row(finding: Finding) -> tuple[str, str, str, str, str]:
    name, floor, tool = finding.requirement.name, finding.requirement.floor, finding.tool
    if tool is None:
        return name, "–", floor, "not needed" if finding.requirement.optional else "missing", ""
    return name, tool.version, floor, tool.origin, tool.command[0]
