"""Timing on a device, the device's limit, and single products as PyTorch computes them."""

from __future__ import annotations

import math
import platform
import subprocess
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

import torch
from torch import Tensor
from torch.nn import functional

from cases import ConvCase, MatmulCase
from networks import BATCH
from training import capture

Body = Callable[[], None]

MOST_REPEATS = 1024
CAPTURED_WARM_UP = 3

LIMIT_MS = 100
"""A sample of the limit: long enough for a card to leave its idle clock."""

CORES = {
    (6, 0): 64, (6, 1): 128, (6, 2): 128, (7, 0): 64, (7, 2): 64, (7, 5): 64, (8, 0): 64, (8, 6): 128, (8, 7): 128,
    (8, 9): 128, (9, 0): 128, (10, 0): 128, (10, 3): 128, (12, 0): 128, (12, 1): 128,
}  # fmt: skip
"""Float32 lanes of a multiprocessor by compute capability, of NVIDIA's CUDA C++ Programming Guide."""


def forbid_tf32() -> None:
    """The engine computes in float32; TF32 keeps 10 of its 23 bits, and would not be the same sum."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.benchmark = True


def timed(device: torch.device, body: Body) -> float:
    """Milliseconds on the device, from event to event: where it waits for the host, that counts."""
    if device.type != "cuda":
        start = time.perf_counter()
        body()
        return 1000 * (time.perf_counter() - start)
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    first.record()
    body()
    last.record()
    last.synchronize()
    return first.elapsed_time(last)


def looped(body: Body, repeats: int) -> Body:
    def loop() -> None:
        for _ in range(repeats):
            body()

    return loop


def captured(body: Body, repeats: int) -> Body:
    """The repetitions as one graph, like the engine's recorded plan: what is timed then is the device alone."""
    return capture(body, looped(body, repeats), CAPTURED_WARM_UP).replay


def measure(device: torch.device, make: Callable[[int], Body], sample_ms: float, rounds: int) -> List[float]:
    """Milliseconds of one repetition in each round, with so many that a sample lasts `sample_ms` or longer."""
    repeats = 1
    while True:
        body = make(repeats)
        body()
        lasted = timed(device, body)
        if lasted >= sample_ms or repeats == MOST_REPEATS:
            break
        growth = min(16, max(2, math.ceil(sample_ms / max(lasted, 1e-6))))
        repeats = min(MOST_REPEATS, repeats * growth)
    return [timed(device, body) / repeats for _ in range(rounds)]


def limit(device: torch.device, rounds: int) -> Tuple[str, float]:
    """The best GFLOP/s of a large float32 product: an estimate of what the multiply-add units can do, from below."""
    size = 8192 if device.type == "cuda" else 1024
    a = torch.rand(size, size, device=device)
    b = torch.rand(size, size, device=device)
    times = measure(device, lambda repeats: looped(lambda: torch.mm(a, b), repeats), LIMIT_MS, rounds)
    return f"matmul {size}³ in float32, TF32 off", 2 * size**3 / min(times) / 1e6


def theoretical_limit(device: torch.device) -> Optional[float]:
    """GFLOP/s by clock × multiprocessors × lanes × 2, where all of them are known."""
    if device.type != "cuda":
        return None
    properties = torch.cuda.get_device_properties(device)
    lanes = CORES.get((properties.major, properties.minor))
    kilohertz = getattr(properties, "clock_rate", None)
    megahertz = kilohertz / 1000 if kilohertz else number(nvidia_smi("clocks.max.sm", device))
    if lanes is None or megahertz is None:
        return None
    return 2 * lanes * properties.multi_processor_count * megahertz / 1000


def nvidia_smi(field: str, device: torch.device) -> Optional[str]:
    """A field of the card, by its UUID where PyTorch tells it: the tool sees cards that PyTorch is kept from."""
    uuid = getattr(torch.cuda.get_device_properties(device), "uuid", None)
    which = [f"--id=GPU-{uuid}"] if uuid is not None else []
    command = ["nvidia-smi", f"--query-gpu={field}", "--format=csv,noheader,nounits", *which]
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = result.stdout.strip().splitlines()
    return lines[0].strip() if lines else None


def number(text: Optional[str]) -> Optional[float]:
    try:
        return float(text or "")
    except ValueError:
        return None


def environment(device: torch.device) -> Dict[str, Any]:
    """What a run was measured on; the fields that the engine's results have too are named alike."""
    on_card = device.type == "cuda"
    driver = nvidia_smi("driver_version", device) if on_card else None
    return {
        "adapter": torch.cuda.get_device_name(device) if on_card else "cpu",
        "driver": f"NVIDIA {driver or 'unknown'}" if on_card else "none",
        "software": not on_card,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda if on_card else None,
        "cudnn": torch.backends.cudnn.version() if on_card else None,
        "platform": f"{platform.system().lower()} {platform.machine()}",
        "cpu": cpu_model(),
    }


def cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else "unknown"
    except OSError:
        return platform.processor() or "unknown"


def noise(device: torch.device, *shape: int) -> Tensor:
    return 2 * torch.rand(*shape, device=device) - 1


def matmul_call(case: MatmulCase, device: torch.device) -> Callable[[], Tensor]:
    """Transposed factors are views: cuBLAS reads either order, as the engine's kernels do."""
    turned_a, turned_b = case.form.startswith("Aᵀ"), case.form.endswith("Bᵀ")
    a = noise(device, case.inner, case.rows).t() if turned_a else noise(device, case.rows, case.inner)
    b = noise(device, case.columns, case.inner).t() if turned_b else noise(device, case.inner, case.columns)
    return lambda: torch.mm(a, b)


class ConvMaps:
    """The three maps of a convolution, each as the training step would get it from autograd.

    Where TensorFlow's 'same' is uneven, the forward map pads and the gradient by the input cuts that off again; the
    gradient by the weights finds the padded input where the forward map left it.
    """

    def __init__(self, case: ConvCase, device: torch.device, channels_last: bool) -> None:
        conv = case.conv
        self.case = case
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.stride = [conv.stride, conv.stride]
        self.uneven = case.padding[0] != case.padding[1]
        self.padding = [0, 0] if self.uneven else [case.padding[0]] * 2
        self.x = self._noise(device, BATCH, conv.channels, case.size)
        self.y = self._noise(device, BATCH, conv.filters, case.output_size)
        self.w = self._noise(device, conv.filters, conv.channels, conv.kernel)
        self.padded = self._pad(self.x)

    def _noise(self, device: torch.device, outer: int, channels: int, size: int) -> Tensor:
        return noise(device, outer, channels, size, size).contiguous(memory_format=self.format)

    def _pad(self, x: Tensor) -> Tensor:
        before, after = self.case.padding
        return functional.pad(x, (before, after, before, after)) if self.uneven else x

    def forward(self) -> Tensor:
        return functional.conv2d(self._pad(self.x), self.w, None, self.stride, self.padding)

    def by_input(self) -> Tensor:
        gradient = self._backward([True, False, False])[0]
        if not self.uneven:
            return gradient
        start, end = self.case.padding[0], self.case.padding[0] + self.case.size
        return gradient[:, :, start:end, start:end].contiguous(memory_format=self.format)

    def by_weights(self) -> Tensor:
        return self._backward([False, True, False])[1]

    def _backward(self, wanted: List[bool]) -> Tuple[Tensor, Tensor, Tensor]:
        stride, padding = self.stride, self.padding
        return torch.ops.aten.convolution_backward(
            self.y, self.padded, self.w, None, stride, padding, [1, 1], False, [0, 0], 1, wanted
        )

    def call(self) -> Callable[[], Tensor]:
        maps = {"conv2d": self.forward, "convTranspose2d": self.by_input, "by weights": self.by_weights}
        return maps[self.case.map]

    def check(self) -> None:
        """The maps are adjoint to each other, and the first window lies where TensorFlow puts it."""
        result, by_input, by_weights = self.forward(), self.by_input(), self.by_weights()
        for got, like in ((result, self.y), (by_input, self.x), (by_weights, self.w)):
            if got.shape != like.shape:
                raise AssertionError(f"{self.case.name}: got {tuple(got.shape)}, expected {tuple(like.shape)}")
        products = [inner(result, self.y), inner(self.x, by_input), inner(self.w, by_weights)]
        scale = norm(result) * norm(self.y)
        if max(products) - min(products) > 1e-5 * scale:
            raise AssertionError(f"{self.case.name}: the maps are not adjoint: {products}")
        window = self.padded if self.uneven else functional.pad(self.x, [self.padding[0]] * 4)
        kernel = self.case.conv.kernel
        expected = inner(window[0, :, :kernel, :kernel], self.w[0])
        before = self.case.padding[0]
        corner = inner(self.x[0, :, : kernel - before, : kernel - before], self.w[0, :, before:, before:])
        for value in (expected, corner):
            # Winograd's and Fourier's ways round more coarsely; a wrong window is off by the size of a product.
            if abs(float(result[0, 0, 0, 0]) - value) > 1e-2:
                raise AssertionError(f"{self.case.name}: the first window is {float(result[0, 0, 0, 0])}, not {value}")


def inner(a: Tensor, b: Tensor) -> float:
    return float((a.double() * b.double()).sum())


def norm(a: Tensor) -> float:
    return math.sqrt(inner(a, a))
