"""The engine's networks as plain data: shapes, parameter counts and operations follow from it without PyTorch.

Source of truth are src/models/dcgan.ts, src/models/article.ts and src/models/architectures.ts. `training.py` builds the
PyTorch modules from the same data, so what is checked here is what is measured there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Sequence, Tuple

Shape = Tuple[int, ...]
"""Of one image or row, as the engine has it: (height, width, channels) or (units,)."""

BATCH = 32
Z_DIM = 100


def same_padding(size: int, kernel: int, stride: int) -> Tuple[int, int]:
    """Zeros before and after, as TensorFlow's 'same' shares them: what is left over goes to the end.

    PyTorch's own padding is symmetric, so wherever the two differ it has to be done by hand.
    """
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


@dataclass(frozen=True)
class Layer:
    """A layer without parameters that leaves the shape alone, unless a kind says otherwise."""

    def output(self, shape: Shape) -> Shape:
        return shape

    def parameters(self) -> int:
        """Trained numbers."""
        return 0

    def state(self) -> int:
        """Numbers that are kept but not trained."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """Of one image's product, the products with padding counted; 0 where the layer is no product."""
        return 0


@dataclass(frozen=True)
class Dense(Layer):
    inputs: int
    units: int
    bias: bool = True

    def output(self, shape: Shape) -> Shape:
        expect(self, shape == (self.inputs,), shape)
        return (self.units,)

    def parameters(self) -> int:
        return self.inputs * self.units + self.bias * self.units

    def multiply_adds(self, shape: Shape) -> int:
        return self.inputs * self.units


@dataclass(frozen=True)
class Conv(Layer):
    """`transposed` is the adjoint of the convolution from its output back to its input."""

    channels: int
    filters: int
    kernel: int
    stride: int
    same: bool = True
    bias: bool = True
    transposed: bool = False

    def padding(self, size: int) -> Tuple[int, int]:
        """Before and after. @param size: of the larger side, which is the output of a transposed convolution."""
        return same_padding(size, self.kernel, self.stride) if self.same else (0, 0)

    def output(self, shape: Shape) -> Shape:
        expect(self, len(shape) == 3 and shape[2] == self.channels, shape)
        height, width, _ = shape
        return (self._size(height), self._size(width), self.filters)

    def _size(self, size: int) -> int:
        if self.transposed:
            return size * self.stride
        return (size + sum(self.padding(size)) - self.kernel) // self.stride + 1

    def parameters(self) -> int:
        return self.kernel * self.kernel * self.channels * self.filters + self.bias * self.filters

    def multiply_adds(self, shape: Shape) -> int:
        height, width, _ = shape if self.transposed else self.output(shape)
        return height * width * self.kernel * self.kernel * self.channels * self.filters


@dataclass(frozen=True)
class Norm(Layer):
    """Batch normalisation. `momentum` is Keras's, the share that stays: PyTorch's is 1 − that."""

    channels: int
    momentum: float
    epsilon: float

    def output(self, shape: Shape) -> Shape:
        expect(self, shape[-1] == self.channels, shape)
        return shape

    def parameters(self) -> int:
        return 2 * self.channels

    def state(self) -> int:
        return 2 * self.channels


@dataclass(frozen=True)
class Activation(Layer):
    kind: str
    """'relu', 'tanh', or 'leaky' (slope 0.2)"""


@dataclass(frozen=True)
class Dropout(Layer):
    rate: float


@dataclass(frozen=True)
class Upsample(Layer):
    """Each pixel becomes 2 × 2."""

    def output(self, shape: Shape) -> Shape:
        height, width, channels = shape
        return (2 * height, 2 * width, channels)


@dataclass(frozen=True)
class ToImage(Layer):
    shape: Tuple[int, int, int]

    def output(self, shape: Shape) -> Shape:
        height, width, channels = self.shape
        expect(self, shape == (height * width * channels,), shape)
        return self.shape


@dataclass(frozen=True)
class ToRow(Layer):
    def output(self, shape: Shape) -> Shape:
        height, width, channels = shape
        return (height * width * channels,)


def expect(layer: Layer, fits: bool, shape: Shape) -> None:
    if not fits:
        raise ValueError(f"{layer} does not take {shape}")


@dataclass(frozen=True)
class Network:
    inputs: Shape
    layers: Sequence[Layer]

    def shapes(self) -> List[Shape]:
        """The input's, and each layer's output."""
        shapes = [self.inputs]
        for layer in self.layers:
            shapes.append(layer.output(shapes[-1]))
        return shapes

    def count(self) -> int:
        """Numbers held, the batch-norm statistics counted, as the engine's `parameterCount` does."""
        return sum(layer.parameters() + layer.state() for layer in self.layers)

    def products(self) -> List[int]:
        """Multiply-adds of each product for one image, from the input on."""
        amounts = [layer.multiply_adds(shape) for layer, shape in zip(self.layers, self.shapes())]
        return [amount for amount in amounts if amount > 0]

    def folded(self) -> Network:
        """The network as the engine computes it: an up-sampling and the convolution behind it are a transposed convolution.

        See src/kernels/conv/upsampledKernel.ts. Its products are the engine's; its parameters are not.
        """
        layers: List[Layer] = []
        for layer in self.layers:
            if isinstance(layer, Conv) and layer.stride == 1 and layers and isinstance(layers[-1], Upsample):
                layers[-1] = replace(layer, kernel=layer.kernel + 1, stride=2, transposed=True)
            else:
                layers.append(layer)
        return Network(self.inputs, layers)

    def forward(self) -> int:
        return sum(self.products())

    def backward(self, by_weights: bool, by_input: bool) -> int:
        """A product as large as the forward one for each gradient; none is computed that nothing asks for."""
        first, *later = self.products()
        return sum(later) + by_input * first + by_weights * (first + sum(later))


@dataclass(frozen=True)
class Adam:
    rate: float
    beta1: float
    epsilon: float
    beta2: float = 0.999


@dataclass(frozen=True)
class Architecture:
    generator: Network
    discriminator: Network
    generator_adam: Adam
    discriminator_adam: Adam
    schedule: str
    """'joint' or 'halves'; see src/models/architectures.ts."""
    initialiser: str
    """'normal' of deviation 0.02, or 'glorot', uniform"""
    counts: Tuple[int, int]
    """What the engine's networks hold, generator and discriminator: written down here, to be checked against."""

    def folded(self) -> Architecture:
        return replace(self, generator=self.generator.folded(), discriminator=self.discriminator.folded())

    def step_operations(self, batch: int = BATCH) -> int:
        """Floating-point operations of a training step's products, two for a multiply-add."""
        g, d = self.generator, self.discriminator
        on_generator = g.forward() + d.forward() + d.backward(False, True) + g.backward(True, False)
        on_image = d.forward() + d.backward(True, False)
        if self.schedule == "joint":
            # The generator learns from the images that the discriminator was shown.
            return 2 * batch * (on_generator + 2 * on_image)
        half = batch // 2
        return 2 * (batch * on_generator + half * (g.forward() + 2 * on_image))


def dcgan(kernel: int = 4, width: float = 1) -> Architecture:
    """@param kernel: 4 as the engine has it, or 5 as published DCGANs do. @param width: scales the channels: 1, or 0.25 at 4"""

    deep, shallow = round(128 * width), round(64 * width)

    def norm(channels: int) -> Norm:
        return Norm(channels, momentum=0.9, epsilon=1e-5)

    def conv(channels: int, filters: int, bias: bool = True, transposed: bool = False) -> Conv:
        return Conv(channels, filters, kernel, stride=2, bias=bias, transposed=transposed)

    generator = [
        Dense(Z_DIM, 7 * 7 * deep, bias=False),
        ToImage((7, 7, deep)),
        norm(deep),
        Activation("relu"),
        conv(deep, shallow, bias=False, transposed=True),
        norm(shallow),
        Activation("relu"),
        conv(shallow, 1, transposed=True),
        Activation("tanh"),
    ]
    discriminator = [
        conv(1, shallow),
        Activation("leaky"),
        conv(shallow, deep, bias=False),
        norm(deep),
        Activation("leaky"),
        ToRow(),
        Dense(7 * 7 * deep, 1),
    ]
    return Architecture(
        generator=Network((Z_DIM,), generator),
        discriminator=Network((28, 28, 1), discriminator),
        generator_adam=Adam(rate=1e-3, beta1=0.5, epsilon=1e-8),
        discriminator_adam=Adam(rate=4e-4, beta1=0.5, epsilon=1e-8),
        schedule="joint",
        initialiser="normal",
        counts={(4, 1): (760_065, 138_945), (5, 1): (834_369, 213_249), (4, 0.25): (165_441, 10_161)}[kernel, width],
    )


def article() -> Architecture:
    def norm(channels: int) -> Norm:
        return Norm(channels, momentum=0.99, epsilon=1e-3)

    generator = [
        Dense(Z_DIM, 1024),
        norm(1024),
        Activation("relu"),
        Dense(1024, 7 * 7 * 128),
        norm(7 * 7 * 128),
        Activation("relu"),
        ToImage((7, 7, 128)),
        Upsample(),
        Conv(128, 64, kernel=5, stride=1),
        norm(64),
        Activation("relu"),
        Upsample(),
        Conv(64, 1, kernel=5, stride=1),
        Activation("tanh"),
    ]
    discriminator = [
        Conv(1, 64, kernel=5, stride=2),
        Activation("leaky"),
        Conv(64, 128, kernel=5, stride=2, same=False),
        Activation("leaky"),
        ToRow(),
        Dense(5 * 5 * 128, 256),
        Activation("leaky"),
        Dropout(0.5),
        Dense(256, 1),
    ]
    return Architecture(
        generator=Network((Z_DIM,), generator),
        discriminator=Network((28, 28, 1), discriminator),
        generator_adam=Adam(rate=2e-4, beta1=0.5, epsilon=1e-7),
        discriminator_adam=Adam(rate=1e-5, beta1=0.1, epsilon=1e-7),
        schedule="halves",
        initialiser="glorot",
        counts=(6_768_129, 1_026_305),
    )


ARCHITECTURES: Dict[str, Architecture] = {"dcgan": dcgan(), "article": article()}


def problem_with(architecture: Architecture) -> Optional[str]:
    """What is wrong with the data above, if anything."""
    for network, expected, output in (
        (architecture.generator, architecture.counts[0], (28, 28, 1)),
        (architecture.discriminator, architecture.counts[1], (1,)),
    ):
        if network.count() != expected:
            return f"a network holds {network.count():,} numbers and should hold {expected:,}"
        if network.shapes()[-1] != output:
            return f"a network ends in {network.shapes()[-1]} and should end in {output}"
    return None
