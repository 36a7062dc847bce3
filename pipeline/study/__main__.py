"""``python -m pipeline.study`` writes the JSON schema of study.json to docs/study.schema.json."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_text
from pipeline.study.table import schema_text

if __name__ == "__main__":
    write_text(Path(__file__).parents[2] / "docs" / "study.schema.json", schema_text())
