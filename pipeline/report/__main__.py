"""``python -m pipeline.report`` writes the JSON schema of report.json to docs/report.schema.json."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_text
from pipeline.report.schema import schema_text

if __name__ == "__main__":
    write_text(Path(__file__).parents[2] / "docs" / "report.schema.json", schema_text())
