"""Result files, this script's and the engine's: found, checked against each other, written and compared."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence

from cases import Case, StepCase

RESULTS = Path(__file__).resolve().parent.parent / "results"
GROUPS = {"matmul", "conv", "step"}

Report = Dict[str, Any]
Row = Dict[str, Any]


class Problem(Exception):
    """Something that the user can see to; its message is all that is printed."""


def read_report(path: Path) -> Report:
    """A file of results, either side's."""
    try:
        report = json.loads(path.read_text(encoding="utf8"))
    except OSError as error:
        raise Problem(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise Problem(f"{path} is not JSON: {error}") from error
    rows = report.get("rows") if isinstance(report, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and is_row(row) for row in rows):
        raise Problem(f"{path} holds no rows of a benchmark")
    return report


def is_row(row: Row) -> bool:
    texts = all(isinstance(row.get(key), str) for key in ("group", "name"))
    return texts and all(isinstance(row.get(key), (int, float)) and row[key] > 0 for key in ("medianMs", "rate"))


def is_engines(report: Report) -> bool:
    """Only the engine tells which Dawn it ran on."""
    return "dawn" in report


def newest_of_engine(folder: Path = RESULTS) -> Path:
    """The engine's newest results that hold all groups; a run of a few cases is no list of names."""
    found = []
    for path in folder.glob("*.json"):
        try:
            report = read_report(path)
        except Problem:
            continue  # Results of another kind.
        if is_engines(report) and GROUPS <= {row["group"] for row in report["rows"]}:
            found.append((str(report.get("date", "")), path))
    if not found:
        raise Problem(f"{folder} holds no results of the engine; `npm run bench` writes them")
    return max(found)[1]


OUTER_PRODUCTS = {"dcgan": 2 * 96 * 6272, "article": 2 * 64 * 256}
"""Gradients by the input of the discriminator's last layer: images times inputs. The engine multiplies them by element, and counts no product."""


def operations_of(row: Row) -> float:
    """A row's rate is its operations over its median, so that is what it counted."""
    return row["rate"] * row["medianMs"] * 1e6


def counts_of(case: Case) -> List[int]:
    """What the engine may have counted."""
    if not isinstance(case, StepCase):
        return [case.operations]
    counts = [case.operations, case.folded_operations]
    return counts + [count - OUTER_PRODUCTS[case.architecture] for count in counts]


def mismatches(cases: Iterable[Case], report: Report) -> List[str]:
    """Cases whose name the engine's results lack, or that count other operations than they do."""
    rows = {(row["group"], row["name"]): row for row in report["rows"]}
    problems = []
    for case in cases:
        row = rows.get((case.group, case.name))
        if case.only_here:
            continue
        if row is None:
            problems.append(f"{case.group}: the engine's results have no row {case.name!r}")
        elif not any(math.isclose(operations_of(row), count, rel_tol=1e-9) for count in counts_of(case)):
            counted = f"{case.operations:,} operations counted here, {operations_of(row):,.0f} by the engine"
            problems.append(f"{case.group} {case.name}: {counted}")
    return problems


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def default_path(adapter: str, date: str) -> Path:
    """`bench/results/2025-01-31-nvidia-h100-80gb-hbm3-pytorch.json`"""
    return RESULTS / f"{date[:10]}-{slug(adapter)}-pytorch.json"


def write_report(path: Path, report: Report) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.draft")
        draft.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf8")
        draft.replace(path)  # A reader finds the old results or the new ones, never half of them.
    except OSError as error:
        raise Problem(f"cannot write {path}: {error.strerror}") from error


def way_of(row: Row) -> str:
    """How a row of PyTorch's was run, in words."""
    layout = row.get("layout", "")
    return f"{row['mode']}, {layout}" if layout else row["mode"]


def comparison(engine: Report, pytorch: Report) -> List[str]:
    """Lines: the ratio of the medians for each row that both have, then their geometric means."""
    if not is_engines(engine):
        raise Problem("--compare takes results of the engine, by `npm run bench -- --json FILE`")
    if is_engines(pytorch):
        raise Problem("--from takes results of this script")
    lines = [f"Engine:  {engine.get('adapter')} ({engine.get('driver')}), {engine.get('date')}"]
    lines.append(f"PyTorch: {pytorch.get('adapter')} ({pytorch.get('driver')}), {pytorch.get('date')}")
    doubt = doubts(engine, pytorch)
    if doubt is not None:
        lines.append(f"NOTE: {doubt}")
    lines.append("Ratio: the engine's median over PyTorch's. Below 1 the engine is faster; * marks PyTorch's best way.")
    pairs = matched(engine, pytorch)
    if not pairs:
        raise Problem("the two files have no row in common")
    width = max(len(row["name"]) for row, _ in pairs) + 2
    lines += ["", f"{'':{width}}{'engine ms':>11}{'PyTorch ms':>12}{'ratio':>9}   way"]
    for engine_row, rows in pairs:
        best = min(rows, key=lambda row: row["medianMs"])
        for row in rows:
            mark = "*" if row is best else " "
            times = f"{engine_row['medianMs']:11.4f}{row['medianMs']:12.4f}{ratio(engine_row, row):9.2f}"
            lines.append(f"{engine_row['name']:{width}}{times} {mark} {way_of(row)}")
    return lines + [""] + summary(pairs)


def ratio(engine_row: Row, row: Row) -> float:
    return engine_row["medianMs"] / row["medianMs"]


def matched(engine: Report, pytorch: Report) -> List[Any]:
    """(the engine's row, PyTorch's rows of that name) for each name that both have, in the engine's order."""
    pairs = []
    for engine_row in engine["rows"]:
        key = (engine_row["group"], engine_row["name"])
        rows = [row for row in pytorch["rows"] if (row["group"], row["name"]) == key]
        if rows:
            pairs.append((engine_row, rows))
    return pairs


def summary(pairs: Sequence[Any]) -> List[str]:
    lines = []
    for group in dict.fromkeys(engine_row["group"] for engine_row, _ in pairs):
        ratios = [
            ratio(engine_row, min(rows, key=lambda row: row["medianMs"]))
            for engine_row, rows in pairs
            if engine_row["group"] == group
        ]
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        lines.append(f"{group}: {mean:.2f} is the geometric mean of the ratios to PyTorch's best way ({len(ratios)} names)")
    return lines


def doubts(engine: Report, pytorch: Report) -> Optional[str]:
    """Why the two files may not be of one device."""
    if engine.get("software"):
        return "the engine ran on a software device, on the CPU"
    names = [slug(str(report.get("adapter", ""))) for report in (engine, pytorch)]
    if names[0] not in names[1] and names[1] not in names[0]:
        return "the adapters have different names; a ratio means something on one card alone"
    return None
