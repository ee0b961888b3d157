#!/usr/bin/env python3
"""PyTorch on this machine's card, in the engine's own cases: matrix products, convolutions, whole training steps.

    python3 bench/pytorch/bench.py                          everything, some minutes
    python3 bench/pytorch/bench.py conv step                the groups and cases whose name holds one of the words
    python3 bench/pytorch/bench.py --compare engine.json    … and the ratios to `npm run bench -- --json engine.json`
    python3 bench/pytorch/bench.py --dry-run                checks names, counts and operations; needs no PyTorch

See README.md beside this file.
"""

from __future__ import annotations

import argparse
import gc
import io
import statistics
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from cases import Case, ConvCase, MatmulCase, StepCase, selected
from networks import ARCHITECTURES, problem_with
from results import (
    Problem,
    Report,
    Row,
    comparison,
    default_path,
    mismatches,
    newest_of_engine,
    read_report,
    way_of,
    write_report,
)

MODES = ("eager", "graphs", "compile", "compile-graphs")
LAYOUTS = ("nchw", "channels_last")
COMPILE_MODES = ("default", "max-autotune-no-cudagraphs")
COLUMNS = ("median ms", "min ms", "GFLOP/s", "% of limit", "% at best")


class Way(NamedTuple):
    """How a case is run. The layout is empty where there are no images."""

    mode: str
    layout: str


def listed(allowed: Sequence[str]) -> Callable[[str], List[str]]:
    """A type of argument: words with commas between them."""

    def parse(text: str) -> List[str]:
        words = text.split(",")
        for word in words:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"got {word!r}; it takes {', '.join(allowed)}, with commas between")
        return list(dict.fromkeys(words))

    return parse


def rounds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"got {text!r}; it takes an integer from 1 to 100000")
    return int(text)


def milliseconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 10_000:
        raise argparse.ArgumentTypeError(f"got {text!r}; it takes milliseconds from 0 to 10000")
    return value


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", help="groups and cases whose name holds one of these (default: all)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu is for trying the script")
    parser.add_argument("--modes", type=listed(MODES), help=f"of {','.join(MODES)} (default: all; on cpu: eager)")
    parser.add_argument("--layouts", type=listed(LAYOUTS), default=list(LAYOUTS), help=f"of {','.join(LAYOUTS)}")
    parser.add_argument("--channels-last", action="store_true", help="the same as --layouts channels_last")
    parser.add_argument("--compile-mode", choices=COMPILE_MODES, default=COMPILE_MODES[1], help="of torch.compile")
    parser.add_argument("--rounds", type=rounds, default=15, help="samples of each case (default: 15)")
    parser.add_argument("--sample-ms", type=milliseconds, default=20.0, help="a sample's least length (default: 20)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="results to PATH instead of bench/results/")
    parser.add_argument("--no-json", action="store_true", help="results to no file; so it is on cpu without --json")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="the engine's results, to print ratios to")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="saved", help="with --compare: measured earlier")
    parser.add_argument("--dry-run", action="store_true", help="check and print, without PyTorch and measuring")
    options = parser.parse_args(arguments)
    if options.saved is not None and options.compare is None:
        parser.error("argument --from: it needs --compare FILE")
    if not selected(options.words):
        parser.error(f"argument words: no case's name holds {' or '.join(options.words)}; --dry-run prints the names")
    if options.channels_last:
        options.layouts = ["channels_last"]
    if options.modes is None:
        options.modes = list(MODES) if options.device == "cuda" else ["eager"]
    if not any(ways_of(case, options) for case in selected(options.words)):
        parser.error(f"argument --modes: none of {','.join(options.modes)} is for these cases; only steps are compiled")
    return options


def ways_of(case: Case, options: argparse.Namespace) -> List[Way]:
    """Compiling is for whole networks: a single product is a call of cuBLAS or cuDNN either way."""
    modes = [mode for mode in options.modes if isinstance(case, StepCase) or "compile" not in mode]
    return [Way(mode, layout) for layout in (options.layouts if case.has_layouts else [""]) for mode in modes]


class Table:
    """The table on stdout, a line at a time; see bench/table.ts."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.width = max(len(case.name) for case in cases) + 2
        self.group = ""

    def heading(self, group: str) -> None:
        if group != self.group:
            print(f"\n{group:{self.width}}{'way':<30}" + "".join(f"{column:>12}" for column in COLUMNS), flush=True)
        self.group = group

    def row(self, name: str, way: str, figures: Sequence[str]) -> None:
        print(f"{name:{self.width}}{way:<30}" + "".join(f"{figure:>12}" for figure in figures), flush=True)


def check_everything(cases: Sequence[Case]) -> Path:
    """All that can be told without PyTorch. @returns the engine's results that the cases were checked against."""
    for name, architecture in ARCHITECTURES.items():
        problem = problem_with(architecture)
        if problem is not None:
            raise Problem(f"{name}: {problem}")
    path = newest_of_engine()
    problems = mismatches(cases, read_report(path))
    if problems:
        raise Problem("\n".join([f"the cases do not fit {path}:", *problems]))
    return path


def print_networks() -> None:
    for name, architecture in ARCHITECTURES.items():
        counts = f"generator {architecture.counts[0]:,}, discriminator {architecture.counts[1]:,} numbers"
        print(f"{name}: {counts}, {architecture.step_operations() / 1e9:.2f} GFLOP a step")


def dry_run(options: argparse.Namespace) -> None:
    cases = selected(options.words)
    path = check_everything(cases)
    print("Dry run: nothing is measured.")
    print_networks()
    table = Table(cases)
    for case in cases:
        table.heading(case.group)
        for mode, layout in ways_of(case, options):
            table.row(case.name, way_of({"mode": mode, "layout": layout}), ["-"] * len(COLUMNS))
    count = sum(not case.only_here for case in cases)
    print(f"\nThe names and operations of {count} cases are those of {path.name}.")


def why_not(mode: str, device: str) -> Optional[str]:
    """Why a mode is not to be had here, if so."""
    import torch

    if "graphs" in mode and device != "cuda":
        return "CUDA graphs need a card"
    if "compile" in mode and not hasattr(torch, "compile"):
        return f"torch {torch.__version__} has no torch.compile"
    if "compile" in mode and device == "cuda":
        try:
            import triton  # noqa: F401
        except ImportError:
            return "torch.compile needs Triton here"
    return None


class Bench:
    """A run: the device, its limit, and the rows so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        import measuring
        import torch

        self.measuring = measuring
        self.options = options
        self.device = torch.device(options.device)
        if options.device == "cuda" and not torch.cuda.is_available():
            raise Problem("PyTorch finds no CUDA card; --device cpu tries the script without one")
        measuring.forbid_tf32()
        self.about = measuring.environment(self.device)
        self.limit_name, self.limit = measuring.limit(self.device, min(5, options.rounds))
        self.limit_at_the_end: Optional[float] = None
        self.theory = measuring.theoretical_limit(self.device)
        self.date = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.rows: List[Row] = []
        self.skipped: Dict[str, str] = {}
        self.failed: List[str] = []

    def print_environment(self) -> None:
        about = self.about
        print(f"Adapter: {about['adapter']}{' (only to try the script)' if about['software'] else ''}")
        print(f"Driver:  {about['driver']}")
        versions = f"torch {about['torch']}, CUDA {about['cuda']}, cuDNN {about['cudnn']}, Python {about['python']}"
        print(f"Host:    {versions}, {about['platform']} ({about['cpu']})")
        print(f"Limit:   {self.limit:.1f} GFLOP/s of multiply-adds, by {self.limit_name}: an estimate, from below")
        if self.theory is not None:
            print(f"         {self.theory:.1f} GFLOP/s in theory: clock × multiprocessors × lanes × 2")

    def run(self, cases: Sequence[Case]) -> None:
        for mode in self.options.modes:
            reason = why_not(mode, self.options.device)
            if reason is not None:
                self.skipped[mode] = reason
                print(f"SKIPPED {mode}: {reason}")
        table = Table(cases)
        for case in cases:
            table.heading(case.group)
            for way in ways_of(case, self.options):
                if way.mode not in self.skipped:
                    self.run_case(table, case, way)

    def run_case(self, table: Table, case: Case, way: Way) -> None:
        """One case; a failure must not cost the others, but the run has failed."""
        try:
            times, extra = self.times_of(case, way)
        except Exception as error:  # Compilers and drivers raise what they like.
            print(f"{case.name} ({way_of(way._asdict())}): FAILED: {error}", flush=True)
            self.failed.append(f"{case.group} {case.name} ({way_of(way._asdict())})")
            return
        finally:
            self.discard()
        row = self.row_of(case, way, times, extra)
        self.rows.append(row)
        self.write()
        figures = [f"{row['medianMs']:.4f}", f"{row['minMs']:.4f}", f"{row['rate']:.1f}"]
        figures += [f"{100 * row[share]:.1f}" for share in ("ofLimit", "bestOfLimit")]
        table.row(case.name, way_of(row), figures)

    def row_of(self, case: Case, way: Way, times: Sequence[float], extra: Dict[str, Any]) -> Row:
        median, least = statistics.median(times), min(times)
        rate = case.operations / median / 1e6
        return {
            "group": case.group,
            "name": case.name,
            "unit": "GFLOP/s",
            "mode": way.mode,
            "layout": way.layout,
            "medianMs": median,
            "minMs": least,
            "runs": len(times),
            "rate": rate,
            "limit": self.limit,
            "ofLimit": rate / self.limit,
            "bestOfLimit": case.operations / least / 1e6 / self.limit,
            "extra": extra,
        }

    def times_of(self, case: Case, way: Way) -> Tuple[List[float], Dict[str, Any]]:
        if isinstance(case, StepCase):
            return self.step_times(case, way)
        call = self.product_call(case, way)
        repeated = self.measuring.captured if way.mode == "graphs" else self.measuring.looped
        return self.measure(lambda repeats: repeated(call, repeats)), {}

    def product_call(self, case: Case, way: Way) -> Callable[[], Any]:
        if isinstance(case, MatmulCase):
            return self.measuring.matmul_call(case, self.device)
        if isinstance(case, ConvCase):
            maps = self.measuring.ConvMaps(case, self.device, way.layout == "channels_last")
            maps.check()
            return maps.call()
        raise TypeError(f"no product: {case}")

    def step_times(self, case: StepCase, way: Way) -> Tuple[List[float], Dict[str, Any]]:
        from training import Trainer, steps_of

        captured = "graphs" in way.mode
        trainer = Trainer(
            ARCHITECTURES[case.architecture],
            self.device,
            channels_last=way.layout == "channels_last",
            capturable=captured,
            compile_mode=self.options.compile_mode if "compile" in way.mode else None,
        )
        first = trainer.check()
        step = steps_of(trainer, captured)
        times = self.measure(lambda repeats: self.measuring.looped(step, repeats))
        last = trainer.losses()
        median = statistics.median(times)
        return times, {
            "iterationsPerSecond": 1000 / median,
            "gigaflopPerStep": case.operations / 1e9,
            "firstLosses": first,
            "lastLosses": last,
        }

    def measure(self, make: Callable[[int], Callable[[], None]]) -> List[float]:
        return self.measuring.measure(self.device, make, self.options.sample_ms, self.options.rounds)

    def discard(self) -> None:
        """Hands memory back, so that no case is measured in the leftovers of another."""
        import torch

        gc.collect()
        if self.options.device == "cuda":
            torch.cuda.empty_cache()

    def write(self) -> Optional[Path]:
        """Writes the results after each case: what is measured stays if the run is ended."""
        report = self.report()
        path = path_for(self.options, report)
        if path is not None:
            write_report(path, report)
        return path

    def report(self) -> Report:
        options = self.options
        return {
            "date": self.date,
            **self.about,
            "options": {
                "modes": options.modes,
                "layouts": options.layouts,
                "compileMode": options.compile_mode,
                "rounds": options.rounds,
                "sampleMs": options.sample_ms,
                "tf32": False,
                "cudnnBenchmark": True,
            },
            "limit": {
                "bestGigaflopsPerSecond": self.limit,
                "loop": self.limit_name,
                "theoreticalGigaflopsPerSecond": self.theory,
                "atTheEnd": self.limit_at_the_end,
            },
            "skipped": self.skipped,
            "failed": self.failed,
            "rows": self.rows,
        }


def print_losses(rows: Sequence[Row]) -> None:
    """The discriminator guesses at first, at a loss of about ln 2 = 0.69; the generator meets it one update later."""
    for row in rows:
        if "firstLosses" in row["extra"]:
            first = "{:.3f} and {:.3f}".format(*row["extra"]["firstLosses"])
            last = "{:.3f} and {:.3f}".format(*row["extra"]["lastLosses"])
            print(f"{row['name']}, {way_of(row)}: generator's and discriminator's losses {first} at first, {last} at last")


def path_for(options: argparse.Namespace, report: Report) -> Optional[Path]:
    if options.no_json or (options.device == "cpu" and options.json is None):
        return None
    return options.json or default_path(report["adapter"], report["date"])


def measure_all(options: argparse.Namespace) -> Tuple[Report, bool]:
    """@returns the results, and whether no case failed."""
    cases = selected(options.words)
    check_everything(cases)
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise Problem(f"PyTorch cannot be loaded ({error}); --dry-run does without it") from error
    bench = Bench(options)
    bench.print_environment()
    bench.run(cases)
    print()
    print_losses(bench.rows)
    again = bench.measuring.limit(bench.device, min(5, options.rounds))[1]
    print(f"The limit again, at the end: {again:.1f} GFLOP/s. Rates are those of the median.")
    bench.limit_at_the_end = again
    path = bench.write()
    if path is not None:
        print(f"Results: {path.resolve()}")
    return bench.report(), not bench.failed


def main(arguments: Sequence[str]) -> int:
    options = parse_arguments(arguments)
    try:
        engine = None if options.compare is None else read_report(options.compare)
        done = True
        if options.dry_run:
            dry_run(options)
            return 0
        if options.saved is not None:
            report = read_report(options.saved)
        else:
            report, done = measure_all(options)
        if engine is not None:
            print("\n".join(comparison(engine, report)))
        return 0 if done else 1
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


def print_unicode() -> None:
    """Names hold ×, ³ and →, which a locale of ASCII would make an error of."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf8")


if __name__ == "__main__":
    print_unicode()
    sys.exit(main(sys.argv[1:]))
