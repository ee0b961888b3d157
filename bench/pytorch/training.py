"""The engine's GAN training step in PyTorch: src/training/gan.ts, with the same networks, updates and metrics."""

from __future__ import annotations

import importlib
import inspect
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

import networks
from networks import BATCH, Z_DIM, Architecture, Network

WARM_UP = 11
"""Steps before anything is timed or captured: cuDNN tries its algorithms, Adam makes its state, a compiler compiles."""

HELD_BATCHES = 8
"""Batches on the host that take turns; each step copies one to the device, as the engine's does."""

SEED = 1


class Crop(nn.Module):
    """Cuts rows and columns off at the end."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : -self.count, : -self.count]


class ToImage(nn.Module):
    """Reads a row as an image. As NHWC it is channels_last already, so that layout costs no copy either."""

    def __init__(self, shape: Tuple[int, int, int], channels_last: bool) -> None:
        super().__init__()
        self.shape = shape
        self.channels_last = channels_last

    def forward(self, x: Tensor) -> Tensor:
        height, width, channels = self.shape
        if self.channels_last:
            return x.view(-1, height, width, channels).permute(0, 3, 1, 2)
        return x.view(-1, channels, height, width)


class ToRow(nn.Module):
    """The other way round."""

    def __init__(self, channels_last: bool) -> None:
        super().__init__()
        self.channels_last = channels_last

    def forward(self, x: Tensor) -> Tensor:
        return (x.permute(0, 2, 3, 1) if self.channels_last else x).flatten(1)


def conv_modules(layer: networks.Conv, shape: networks.Shape) -> List[nn.Module]:
    """A convolution, with the padding before it, or the crop after a transposed one, that PyTorch's own cannot express."""
    channels, filters, kernel, stride = layer.channels, layer.filters, layer.kernel, layer.stride
    if layer.transposed:
        before, after = layer.padding(shape[0] * stride)
        conv = nn.ConvTranspose2d(channels, filters, kernel, stride, padding=before, bias=layer.bias)
        return [conv] if before == after else [conv, Crop(after - before)]
    before, after = layer.padding(shape[0])
    if before == after:
        return [nn.Conv2d(channels, filters, kernel, stride, padding=before, bias=layer.bias)]
    pad = nn.ZeroPad2d((before, after, before, after))
    return [pad, nn.Conv2d(channels, filters, kernel, stride, bias=layer.bias)]


def norm_module(layer: networks.Norm, shape: networks.Shape) -> nn.Module:
    kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
    norm = kind(layer.channels, eps=layer.epsilon, momentum=1 - layer.momentum)
    # A count of batches that nothing reads with a momentum given, and that costs a kernel each time.
    norm.num_batches_tracked = None
    return norm


def activation_module(kind: str) -> nn.Module:
    """In place where the backward pass allows it: half the memory traffic."""
    return {"relu": nn.ReLU(inplace=True), "leaky": nn.LeakyReLU(0.2, inplace=True), "tanh": nn.Tanh()}[kind]


def modules_of(layer: networks.Layer, shape: networks.Shape, channels_last: bool) -> List[nn.Module]:
    if isinstance(layer, networks.Dense):
        return [nn.Linear(layer.inputs, layer.units, bias=layer.bias)]
    if isinstance(layer, networks.Conv):
        return conv_modules(layer, shape)
    if isinstance(layer, networks.Norm):
        return [norm_module(layer, shape)]
    if isinstance(layer, networks.Activation):
        return [activation_module(layer.kind)]
    if isinstance(layer, networks.Dropout):
        return [nn.Dropout(layer.rate)]
    if isinstance(layer, networks.Upsample):
        return [nn.Upsample(scale_factor=2, mode="nearest")]
    if isinstance(layer, networks.ToImage):
        return [ToImage(layer.shape, channels_last)]
    if isinstance(layer, networks.ToRow):
        return [ToRow(channels_last)]
    raise ValueError(f"no module for {layer}")


def initialise(module: nn.Module, initialiser: str) -> None:
    if not isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        return
    if initialiser == "normal":
        nn.init.normal_(module.weight, std=0.02)
    else:
        nn.init.xavier_uniform_(module.weight)
    if module.bias is not None:
        nn.init.zeros_(module.bias)


def build(network: Network, initialiser: str, device: torch.device, channels_last: bool) -> nn.Sequential:
    """The network on a device. Its size must be that of the data it is built from, which is the engine's."""
    parts = [modules_of(layer, shape, channels_last) for layer, shape in zip(network.layers, network.shapes())]
    module = nn.Sequential(*[part for modules in parts for part in modules])
    module.apply(lambda part: initialise(part, initialiser))
    count = sum(tensor.numel() for tensor in module.state_dict().values())
    if count != network.count():
        raise AssertionError(f"the module holds {count:,} numbers and should hold {network.count():,}")
    return module.to(device, memory_format=torch.channels_last if channels_last else torch.preserve_format)


def make_adam(module: nn.Module, settings: networks.Adam, device: torch.device, capturable: bool) -> torch.optim.Adam:
    """The fused kernel where there is one: the fastest that PyTorch has to set against the engine's."""
    options: Dict[str, Any] = {}
    if device.type == "cuda":
        known = inspect.signature(torch.optim.Adam).parameters
        options = {"capturable": capturable, **({"fused": True} if "fused" in known else {})}
    betas = (settings.beta1, settings.beta2)
    return torch.optim.Adam(module.parameters(), lr=settings.rate, betas=betas, eps=settings.epsilon, **options)


def align_gradients(module: nn.Module) -> None:
    """Gives gradients their parameter's strides.

    Autograd sees to that but for axes of length 1, whose stride means nothing; the fused Adam refuses even those.
    """
    for parameter in module.parameters():
        gradient = parameter.grad
        if gradient is not None and gradient.stride() != parameter.stride():
            parameter.grad = gradient.as_strided(parameter.size(), parameter.stride())


def compiled(module: nn.Module, mode: str) -> Callable[[Tensor], Tensor]:
    """The module by torch.compile, anew for each size of batch: kernels for any size would be slower."""
    # What it compiled for earlier trainers would count towards its limit of variants.
    importlib.import_module("torch._dynamo").reset()
    return torch.compile(module, mode=mode, dynamic=False)


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """No gradients by the module's parameters: a compiled network would otherwise compute those that nobody wants."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


class Trainer:
    """Networks, optimisers and the buffers of a step."""

    def __init__(
        self,
        architecture: Architecture,
        device: torch.device,
        channels_last: bool,
        capturable: bool,
        compile_mode: Optional[str],
    ) -> None:
        torch.manual_seed(SEED)
        self.architecture = architecture
        self.device = device
        self.generator = build(architecture.generator, architecture.initialiser, device, channels_last)
        self.discriminator = build(architecture.discriminator, architecture.initialiser, device, channels_last)
        self.generator_adam = make_adam(self.generator, architecture.generator_adam, device, capturable)
        self.discriminator_adam = make_adam(self.discriminator, architecture.discriminator_adam, device, capturable)
        self.generate: Callable[[Tensor], Tensor] = self.generator
        self.discriminate: Callable[[Tensor], Tensor] = self.discriminator
        if compile_mode is not None:
            self.generate = compiled(self.generator, compile_mode)
            self.discriminate = compiled(self.discriminator, compile_mode)
        count = BATCH if architecture.schedule == "joint" else BATCH // 2
        self.real = torch.zeros(count, 1, 28, 28, device=device)
        self.ones = torch.ones(BATCH, 1, device=device)
        self.zeros = torch.zeros(BATCH, 1, device=device)
        self.metrics = torch.zeros(5, device=device)
        """Losses of generator and discriminator, then the shares that src/training/gan.ts calls METRICS."""
        self.held = [2 * torch.rand(count, 1, 28, 28) - 1 for _ in range(HELD_BATCHES)]
        if device.type == "cuda":
            self.held = [batch.pin_memory() for batch in self.held]
        self.loaded = 0

    def load(self) -> None:
        """The next real images."""
        self.real.copy_(self.held[self.loaded % HELD_BATCHES], non_blocking=True)
        self.loaded += 1

    def step(self) -> None:
        """One iteration: both updates and the metrics, all of it on the device."""
        if self.architecture.schedule == "joint":
            self._joint()
        else:
            self._halves()

    def _joint(self) -> None:
        fakes = self.generate(self._z(BATCH))
        on_real, real_loss = self._judge(self.real, self.ones)
        on_fake, fake_loss = self._judge(fakes.detach(), self.zeros)
        discriminator_loss = real_loss + fake_loss
        self._update(self.discriminator, self.discriminator_adam, discriminator_loss)
        on_generator, generator_loss = self._update_generator(fakes)
        self._record(generator_loss, discriminator_loss, on_real, on_fake, on_generator)

    def _halves(self) -> None:
        on_real, real_loss = self._judge(self.real, self.ones)
        self._update(self.discriminator, self.discriminator_adam, real_loss)
        on_fake, fake_loss = self._judge(self._predict(BATCH // 2), self.zeros)
        self._update(self.discriminator, self.discriminator_adam, fake_loss)
        on_generator, generator_loss = self._update_generator(self.generate(self._z(BATCH)))
        self._record(generator_loss, real_loss + fake_loss, on_real, on_fake, on_generator)

    def _predict(self, count: int) -> Tensor:
        """In inference mode, as Keras's `predict` does."""
        self.generator.eval()
        with torch.no_grad():
            images = self.generate(self._z(count))
        self.generator.train()
        return images

    def _z(self, count: int) -> Tensor:
        return torch.randn(count, Z_DIM, device=self.device)

    def _judge(self, images: Tensor, targets: Tensor) -> Tuple[Tensor, Tensor]:
        logits = self.discriminate(images)
        return logits, binary_cross_entropy_with_logits(logits, targets[: len(logits)])

    def _update(self, module: nn.Module, adam: torch.optim.Adam, loss: Tensor) -> None:
        adam.zero_grad(set_to_none=True)
        loss.backward()
        align_gradients(module)
        adam.step()

    def _update_generator(self, fakes: Tensor) -> Tuple[Tensor, Tensor]:
        with frozen(self.discriminator):
            logits, loss = self._judge(fakes, self.ones)
            self._update(self.generator, self.generator_adam, loss)
        return logits, loss

    def _record(self, generator_loss: Tensor, both: Tensor, real: Tensor, fake: Tensor, generator: Tensor) -> None:
        with torch.no_grad():
            shares = [(real > 0).float().mean(), (fake <= 0).float().mean(), (generator > 0).float().mean()]
            self.metrics.copy_(torch.stack([generator_loss, 0.5 * both, *shares]))

    def check(self) -> Tuple[float, float]:
        """Does the first step, and looks whether it trains: a step that computes nonsense may be fast.

        @returns the first losses, generator's and discriminator's.
        """
        before = [parameter.detach().clone() for parameter in self.parameters()]
        self.load()
        self.step()
        for parameter, old in zip(self.parameters(), before):
            gradient = parameter.grad
            if gradient is None or not bool(torch.isfinite(gradient).all()):
                raise AssertionError(f"a parameter {tuple(parameter.shape)} has no finite gradient")
            # Before a batch normalisation a bias is idle, so only weights must have one.
            if parameter.dim() > 1 and (not bool(gradient.any()) or torch.equal(parameter, old)):
                raise AssertionError(f"a parameter {tuple(parameter.shape)} does not learn")
        return self.losses()

    def losses(self) -> Tuple[float, float]:
        """The last step's, generator's and discriminator's."""
        generator, discriminator = self.metrics[:2].tolist()
        for loss in (generator, discriminator):
            if not 0 < loss < 100:
                raise AssertionError(f"the losses are {generator} and {discriminator}")
        return generator, discriminator

    def parameters(self) -> List[nn.Parameter]:
        return [*self.generator.parameters(), *self.discriminator.parameters()]


def steps_of(trainer: Trainer, captured: bool) -> Callable[[], None]:
    """A whole iteration, warm: the images' copy, then the step by itself or as one graph."""

    def eager() -> None:
        trainer.load()
        trainer.step()

    if not captured:
        for _ in range(WARM_UP):
            eager()
        return eager
    graph = capture(eager, trainer.step)

    def replayed() -> None:
        trainer.load()
        graph.replay()

    return replayed


def capture(warm_up: Callable[[], None], body: Callable[[], None], times: int = WARM_UP) -> "torch.cuda.CUDAGraph":
    """Records what `body` launches. The warm-up runs on a stream of its own, as PyTorch wants it before a capture."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(times):
            warm_up()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        body()
    return graph
