"""``python -m pipeline.explore`` writes the JSON schema of explore.json to docs/explore.schema.json."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_text
from pipeline.explore.table import schema_text

if __name__ == "__main__":
    write_text(Path(__file__).parents[2] / "docs" / "explore.schema.json", schema_text())
