"""PyTorch on the CPU as a peer of `npm run bench:peers`: answers its requests in frames over stdin and stdout (link.ts).

Networks and training steps are those of bench/pytorch. Images are converted to PyTorch's axes (NCHW) before anything is timed.
"""

from __future__ import annotations

import json
import os
import re
import struct
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Iterator, List, Optional, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pytorch"))

import networks  # noqa: E402
from networks import same_padding  # noqa: E402
from training import Trainer  # noqa: E402

STRIDE = 2
EPSILON = 1e-5
FORMAT = torch.channels_last
"""The faster order of an image's axes in memory on the CPU, for both steps."""

Message = Dict[str, Any]
Body = Callable[[], Sequence[Tensor]]


def read_frame(stream: BinaryIO) -> Optional[Message]:
    """The next message, its arrays as flat tensors; None at the end of the stream. See bench/peers/process/frames.ts."""
    header = stream.read(8)
    if len(header) < 8:
        return None
    text_length, value_bytes = struct.unpack("<II", header)
    text = stream.read(text_length)
    values = torch.frombuffer(bytearray(stream.read(value_bytes) or b"\0" * 4), dtype=torch.float32)

    def array(entry: Message) -> Any:
        if "float32" not in entry:
            return entry
        offset, length = entry["float32"]
        return values[offset : offset + length]

    message: Message = json.loads(text, object_hook=array)
    return message


def write_frame(stream: BinaryIO, message: Message) -> None:
    arrays: List[Tensor] = []

    def entry(value: Any) -> Message:
        offset = sum(array.numel() for array in arrays)
        arrays.append(value.detach().contiguous().flatten())
        return {"float32": [offset, value.numel()]}

    text = json.dumps(message, default=entry).encode()
    stream.write(struct.pack("<II", len(text), 4 * sum(array.numel() for array in arrays)) + text)
    for array in arrays:
        # Not by NumPy, which need not be there.
        stream.write(struct.pack(f"<{array.numel()}f", *array.tolist()))
    stream.flush()


def to_channels_first(x: Tensor) -> Tensor:
    return x.permute(0, 3, 1, 2).contiguous(memory_format=FORMAT)


def to_kernel_last(w: Tensor) -> Tensor:
    """HWIO to OIHW, and a transposed convolution's HWOI to IOHW."""
    return w.permute(3, 2, 0, 1).contiguous(memory_format=FORMAT)


class Product:
    """A task of one operation: its body, and the way back from PyTorch's axes to the task's."""

    def __init__(self, body: Body, back: Callable[[Tensor], Tensor] = lambda result: result) -> None:
        self.body = body
        self.back = back
        self.results: Sequence[Tensor] = []

    def run(self, times: int) -> None:
        for _ in range(times):
            self.results = self.body()

    def outputs(self) -> List[Tensor]:
        return [self.back(result) for result in self.results]


def matmul(task: Message, inputs: List[Tensor]) -> Product:
    a, b = inputs
    a = a.t() if task["transposeA"] else a
    b = b.t() if task["transposeB"] else b
    return Product(lambda: [torch.mm(a, b)])


def convolution(task: Message, inputs: List[Tensor]) -> Product:
    """TensorFlow's uneven 'same' padding is done by hand, and its time counts."""
    size, kernel = task["size"], task["kernel"]
    before, after = same_padding(size, kernel, STRIDE)
    uneven = after - before
    stride = [STRIDE, STRIDE]

    def padded(x: Tensor) -> Tensor:
        return functional.pad(x, (0, uneven, 0, uneven)) if uneven else x

    if task["kind"] == "conv2d":
        x, w = to_channels_first(inputs[0]), to_kernel_last(inputs[1])
        return Product(lambda: [functional.conv2d(padded(x), w, stride=stride, padding=before)], to_channels_last)
    if task["kind"] == "convTranspose2d":
        y, w = to_channels_first(inputs[0]), to_kernel_last(inputs[1])

        def transposed() -> List[Tensor]:
            image = functional.conv_transpose2d(y, w, stride=stride, padding=before)
            return [image[:, :, :size, :size].contiguous(memory_format=FORMAT)]

        return Product(transposed, to_channels_last)
    x, y = (to_channels_first(one) for one in inputs)
    w = torch.zeros(task["filters"], task["channels"], kernel, kernel).contiguous(memory_format=FORMAT)
    # The padded input is where the forward map of a training step left it.
    kept = padded(x)

    def by_weights() -> List[Tensor]:
        wanted, padding = [False, True, False], [before, before]
        gradients = torch.ops.aten.convolution_backward(
            y, kept, w, None, stride, padding, [1, 1], False, [0, 0], 1, wanted
        )
        return [gradients[1]]

    return Product(by_weights, lambda gradient: gradient.permute(2, 3, 1, 0))


def to_channels_last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def batch_norm(task: Message, inputs: List[Tensor]) -> Product:
    x, dy = to_channels_first(inputs[0]), to_channels_first(inputs[3])
    gamma, beta = inputs[1].clone(), inputs[2].clone()

    def forward() -> Tensor:
        return functional.relu(functional.batch_norm(x, None, None, gamma, beta, training=True, eps=EPSILON))

    if not task["backward"]:
        return Product(lambda: [forward()], to_channels_last)
    leaves = [leaf.requires_grad_() for leaf in (x, gamma, beta)]
    return Product(lambda: torch.autograd.grad(forward(), leaves, dy), to_channels_last)


class Mask(nn.Module):
    """Dropout by the engine's own masks."""

    def __init__(self, steps: "EngineSteps") -> None:
        super().__init__()
        self.steps = [steps]  # A list, so that it is no submodule.

    def forward(self, x: Tensor) -> Tensor:
        return x * next(self.steps[0].masks).view_as(x)


class EngineSteps(Trainer):
    """The engine's first training steps over again: its weights, images, z and dropout masks."""

    def __init__(self, task: Message, reference: Message) -> None:
        name, kernel = task["architecture"], task["kernel"]
        architecture = networks.article() if name == "article" else networks.dcgan(kernel, task["width"])
        super().__init__(architecture, torch.device("cpu"), True, False, None)
        self.masks: Iterator[Tensor] = iter(())
        self.zs: Iterator[Tensor] = iter(())
        self.draws: List[Message] = reference["draws"]
        self._load_weights(reference["weights"])
        for network in (self.generator, self.discriminator):
            for index, layer in enumerate(network):
                if isinstance(layer, nn.Dropout):
                    network[index] = Mask(self)
        self.real.copy_(reference["images"].view(-1, 28, 28, 1).permute(0, 3, 1, 2)[: len(self.real)])
        self.checked: List[float] = []

    def _load_weights(self, arrays: List[Message]) -> None:
        parameters = self.parameters()
        if len(parameters) != len(arrays):
            raise ValueError(f"got {len(arrays)} weights, and the networks have {len(parameters)}")
        with torch.no_grad():
            for parameter, array in zip(parameters, arrays):
                weight = array["values"].view(array["shape"])
                if weight.dim() == 4:
                    weight = weight.permute(3, 2, 0, 1)
                elif weight.dim() == 2:
                    weight = weight.t()
                if weight.shape != parameter.shape:
                    raise ValueError(f"{array['name']} is {tuple(weight.shape)}, and not {tuple(parameter.shape)}")
                parameter.copy_(weight)

    def _z(self, count: int) -> Tensor:
        return next(self.zs).view(count, networks.Z_DIM)

    def repeat(self, draws: Message) -> None:
        self.zs, self.masks = iter(draws["z"]), iter(draws["masks"])
        self.step()

    def run(self, times: int) -> None:
        """The first call does the steps that are checked; later ones go on with the draws of the last of these."""
        if not self.checked:
            for draws in self.draws:
                self.repeat(draws)
                generator, discriminator = self.metrics[:2].tolist()
                self.checked += [discriminator, generator]
            return
        for _ in range(times):
            self.repeat(self.draws[-1])

    def outputs(self) -> List[Tensor]:
        return [torch.tensor(self.checked)]


MAKERS = {
    "matmul": matmul,
    "conv2d": convolution,
    "convTranspose2d": convolution,
    "convWeightGradient": convolution,
    "batchNorm": batch_norm,
}


class Peer:
    def __init__(self) -> None:
        self.work: Any = None

    def answer(self, request: Message) -> Message:
        kind = request["kind"]
        if kind == "open":
            return {"kind": "opened", "device": device_name(), "versions": {"torch": torch.__version__}}
        if kind == "prepare":
            task = request["task"]
            if task["kind"] == "gan":
                self.work = EngineSteps(task, request["reference"])
            else:
                inputs = [one["values"].view(one["shape"]) for one in request["inputs"]]
                self.work = MAKERS[task["kind"]](task, inputs)
            self.work.run(1)
            return {"kind": "prepared", "outputs": self.work.outputs()}
        if kind == "time":
            start = time.perf_counter()
            self.work.run(request["times"])
            return {"kind": "timed", "milliseconds": 1000 * (time.perf_counter() - start)}
        outputs, self.work = self.work.outputs(), None
        return {"kind": "finished", "outputs": outputs}


def device_name() -> str:
    return f"CPU, {blas_name()}, {torch.get_num_threads()} threads"


def blas_name() -> str:
    """The library of matrix products that is loaded: Debian's PyTorch calls whichever BLAS the system is set to."""
    if torch.backends.mkl.is_available():
        return "MKL"
    try:
        loaded = Path("/proc/self/maps").read_text(encoding="utf8")
    except OSError:
        return "unknown BLAS"
    found = re.search(r"/(openblas[\w-]*)/", loaded)
    return found.group(1) if found else "a BLAS that is not OpenBLAS"


def serve(source: BinaryIO, target: BinaryIO) -> None:
    torch.set_num_threads(os.cpu_count() or 1)
    peer = Peer()
    while True:
        request = read_frame(source)
        if request is None:
            return
        try:
            answer = peer.answer(request)
        except Exception as error:  # noqa: BLE001
            answer = {"kind": "refused", "reason": f"{type(error).__name__}: {error}", "broken": True}
        write_frame(target, answer)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
