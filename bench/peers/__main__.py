"""Measure the peers beside our builds: ``python -m bench.peers``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.peers import alkaid, hls4ml, spiker, spikingjelly
from bench.peers.case import Case, Row, cases_of, our_rows
from bench.peers.environment import Environment, Limits
from bench.peers.results import MEASURED, kept, measured
from bench.peers.table import as_json, as_markdown
from model.base.errors import EquivalenceError, UserError
from model.base.files import write_json, write_text

PEERS: dict[str, Callable[[Case], list[Row]]] = {
    "alkaid": alkaid.measure,
    "hls4ml": hls4ml.measure,
    "spiker": spiker.measure,
    "spikingjelly": spikingjelly.measure,
}
BUILDS = (Path("build/digits"), Path("build/mnist"))


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description="Other tools beside our builds, one table.")
    parser.add_argument(
        "builds", nargs="*", type=Path, default=BUILDS, help="builds whose estimate step has run; default: %(default)s"
    )
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), help="which peers; default: all")
    parser.add_argument("--again", nargs="+", choices=PEERS, default=[], help="peers to measure again, though there is a result")
    parser.add_argument("--out", type=Path, default=Path("build/peers"), help="folder of the results; default: %(default)s")
    parser.add_argument("--python", type=Path, default=Path("build/peers/venv/bin/python"), help="of the peers' environment")
    parser.add_argument("--minutes", type=float, default=30, help="processor time of one run of a peer; default: %(default)s")
    parser.add_argument("--gibibytes", type=float, default=12, help="memory of one run of a peer; default: %(default)s")
    return parser.parse_args(arguments)


def run(chosen: argparse.Namespace) -> Path:
    """Measure what is not there yet and write peers.md and peers.json; the path of the table.

    Raises:
        UserError: a build is missing.
        EquivalenceError: a peer that was handed our function computes another one.
    """
    environment = Environment(chosen.python.absolute())
    cases = cases_of(chosen.builds, chosen.out, environment, Limits(chosen.minutes, chosen.gibibytes))
    ours = [row for case in cases for row in our_rows(case)]
    results = [_result(case, peer, peer in chosen.again) for case in cases for peer in chosen.peers]
    table: Path = chosen.out / "peers.md"
    write_text(table, as_markdown(ours, results))
    write_json(chosen.out / "peers.json", as_json(ours, results))
    return table


def _result(case: Case, peer: str, again: bool) -> dict[str, Any]:
    before = None if again else kept(case, peer)
    print(f"{peer}, {case.sizes} ({case.name}): {'measured before' if before else 'measuring'}", flush=True)
    result = before or measured(case, peer, PEERS[peer])
    if result["status"] != MEASURED:
        print(f"{peer}, {case.sizes}: {result['status']}: {result['reason']}", flush=True)
    return result


def main() -> int:
    """Run, and say in one line where the table is or what is wrong."""
    try:
        print(run(options()))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except EquivalenceError as error:
        print(f"FAIL {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
