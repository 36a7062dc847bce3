"""The first thing that a worker executes; it travels as code, so that workers need not have been started in this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def entry() -> Callable[..., Any]:
    """The function ``call``; a function inside of a function is sent by value, one of a module by its name."""

    def call(root: str, function: str, arguments: tuple[Any, ...], _after: Any = None) -> Any:
        """Call a function of the repository in the folder ``root`` by its dotted name; ``_after`` only has to be there."""
        import importlib
        import sys

        if root not in sys.path:
            sys.path.insert(0, root)
        module, _, name = function.rpartition(".")
        return getattr(importlib.import_module(module), name)(*arguments)

    return call
