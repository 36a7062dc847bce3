"""Workers that are this process itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any


class Inline:
    """Executes tasks here and at once, in the order in which they come."""

    address = None

    def __init__(self) -> None:
        self.titles: list[str] = []
        self._results: list[tuple[Any, Any]] = []

    def submit(self, label: Any, title: str, function: str, job: dict[str, Any], after: Any = None) -> Any:
        """Run it."""
        self.titles.append(title)
        module, _, name = function.rpartition(".")
        self._results.append((label, getattr(import_module(module), name)(job)))
        return label

    def results(self, on_wait: Callable[[int], None]) -> Iterator[tuple[Any, Any]]:
        """Everything that was submitted since the last call."""
        on_wait(1)
        results, self._results = self._results, []
        yield from results
