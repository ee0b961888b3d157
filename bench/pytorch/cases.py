"""What is measured, under the names of bench/kernels/matmul.ts, bench/kernels/conv.ts and bench/step/step.ts, with its operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

from networks import ARCHITECTURES, BATCH, Z_DIM, Conv


@dataclass(frozen=True)
class Case:
    name: str
    operations: int
    """Floating-point operations, two for a multiply-add."""

    group = ""
    has_layouts = False
    """Whether the order of an image's axes matters to it."""
    only_here = False
    """Not measured by the engine's own benchmark."""


@dataclass(frozen=True)
class MatmulCase(Case):
    form: str
    rows: int
    inner: int
    columns: int
    only_here: bool = False

    group = "matmul"


@dataclass(frozen=True)
class ConvCase(Case):
    """One of the three maps of a convolution from size × size × channels: 'conv2d', 'convTranspose2d', 'by weights'."""

    map: str
    size: int
    conv: Conv

    group = "conv"
    has_layouts = True

    @property
    def output_size(self) -> int:
        return self.conv.output((self.size, self.size, self.conv.channels))[0]

    @property
    def padding(self) -> Tuple[int, int]:
        """Rows above and below, and columns to the left and right as well."""
        return self.conv.padding(self.size)


@dataclass(frozen=True)
class StepCase(Case):
    architecture: str
    folded_operations: int
    """Those of the engine, which folds an up-sampling into the convolution behind it. Its results until November 2026 count as `operations` does."""

    group = "step"
    has_layouts = True


def matmul(name: str, form: str, rows: int, inner: int, columns: int, only_here: bool = False) -> MatmulCase:
    return MatmulCase(name, 2 * rows * inner * columns, form, rows, inner, columns, only_here)


def cube(size: int, form: str = "A × B", only_here: bool = False) -> MatmulCase:
    return matmul(f"{size}³ {form}", form, size, size, size, only_here)


def dense(inputs: int, units: int, wants_input: bool) -> List[MatmulCase]:
    """A dense layer and its gradients; the one by the input only where that is not z."""
    name = f"dense {BATCH}×{inputs} → {units}"
    cases = [
        matmul(name, "A × B", BATCH, inputs, units),
        matmul(f"{name}, by weights", "Aᵀ × B", inputs, BATCH, units),
    ]
    return cases + ([matmul(f"{name}, by input", "A × Bᵀ", BATCH, units, inputs)] if wants_input else [])


def layer(size: int, channels: int, filters: int, kernel: int, stride: int, same: bool = True) -> List[ConvCase]:
    conv = Conv(channels, filters, kernel, stride, same=same, bias=False)
    height, width, _ = conv.output((size, size, channels))
    start = f"{size}×{size}×{channels}"
    end = f"{height}×{width}×{filters}"
    window = f"{kernel}×{kernel}/{stride}"
    operations = 2 * BATCH * conv.multiply_adds((size, size, channels))
    return [
        ConvCase(f"conv2d {window} {start} → {end}", operations, "conv2d", size, conv),
        ConvCase(f"convTranspose2d {window} {end} → {start}", operations, "convTranspose2d", size, conv),
        ConvCase(f"by weights {window} {start} → {end}", operations, "by weights", size, conv),
    ]


def step(name: str) -> StepCase:
    architecture = ARCHITECTURES[name]
    operations = architecture.step_operations()
    return StepCase(f"{name}, batch {BATCH}, z {Z_DIM}", operations, name, architecture.folded().step_operations())


CASES: Sequence[Case] = [
    cube(256),
    cube(512),
    cube(1024),
    cube(4096, only_here=True),
    cube(512, "A × Bᵀ"),
    cube(512, "Aᵀ × B"),
    *dense(100, 6272, False),
    *dense(6272, 1, True),
    *dense(1024, 6272, True),
    *dense(3200, 256, True),
    *layer(28, 1, 64, 4, 2),
    *layer(14, 64, 128, 4, 2),
    *layer(28, 1, 64, 5, 2),
    *layer(14, 64, 128, 5, 2),
    *layer(14, 64, 128, 5, 2, same=False),
    *layer(14, 128, 64, 5, 1),
    *layer(28, 64, 1, 5, 1),
    step("dcgan"),
    step("article"),
]


def selected(words: Sequence[str]) -> List[Case]:
    """The cases whose group and name hold one of the words, case ignored; all of them without a word."""

    def fits(case: Case) -> bool:
        full = f"{case.group} {case.name}".lower()
        return not words or any(word.lower() in full for word in words)

    return [case for case in CASES if fits(case)]
