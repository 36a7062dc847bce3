"""Rows as comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any


def csv_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """A head and a line a row; a column a key of any row, in the order in which they appear, empty where a row has none."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(key for row in rows for key in row)), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
