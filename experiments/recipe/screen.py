"""Screens recipes of `--arch dcgan` in PyTorch on the CPU: trains each once, measures the images, writes screening.json.

    python experiments/recipe/screen.py --data-dir path/to/mnist [--seeds 1,2] [--z 100] [--iterations 1500] [--only NAME]
        [--dataset fashion-mnist/train --classifier path/to/classifier.safetensors]

Networks, initial distributions, losses and metrics are the project's; the random numbers are PyTorch's, so that numbers compare
with each other and not bit for bit with the project's. A result that is in the file already is not measured again.
"""
import argparse
import copy
import gzip
import json
import math
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = Path(__file__).parent
OUT = HERE / 'screening.json'
CLASSIFIER = HERE / '../../assets/mnist-classifier.safetensors'
NEIGHBOURS = 5
BATCH = 32
# Decays of the averages of the generator's weights; 0 is the generator itself. All are of the same training.
AVERAGES = 0, 0.99, 0.997

# Factor 1 of the rates is the default of `--arch dcgan`: 1e-3 for the generator, 4e-4 for the discriminator.
BASE = dict(width=0.5, hidden=0, third=0, rates=(1, 1), beta1=0.5, beta2=0.999, decay=False, smoothing=0, norm='batch', stddev=False)
TWICE = dict(rates=(2, 2), decay=True)
HIDDEN = dict(hidden=256)
RECIPES = {
    'no hidden layer': {},
    'no hidden layer, linear decay to 0': dict(decay=True),
    'hidden 256': HIDDEN,
    'hidden 256, β₂ 0.99': dict(**HIDDEN, beta2=0.99),
    'hidden 256, rates ×2, decay': dict(**HIDDEN, **TWICE),
    'hidden 512, rates ×2, decay': dict(**TWICE, hidden=512),
    'hidden 256, rates ×2 and ×1, decay': dict(**HIDDEN, rates=(2, 1), decay=True),
    'hidden 256, rates ×2, decay, label smoothing 0.1': dict(**HIDDEN, **TWICE, smoothing=0.1),
    'hidden 256, rates ×2, decay, minibatch stddev': dict(**HIDDEN, **TWICE, stddev=True),
    'hidden 256, rates ×2, decay, normalise none': dict(**HIDDEN, **TWICE, norm='none'),
    'third convolution': dict(third=128),
    'third convolution, rates ×2, decay': dict(third=128, **TWICE),
    'third convolution, rates ×4, decay': dict(third=128, rates=(4, 4), decay=True),
    'third convolution, rates ×2, decay, β₁ 0': dict(third=128, **TWICE, beta1=0),
    'third convolution, generator of width 1, rates ×2, decay': dict(third=128, **TWICE, generator_width=1),
}


def idx(path):
    data = gzip.open(path).read()
    shape = struct.unpack(f'>{data[3]}I', data[4 : 4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def load_classifier(path):
    """The article's CNN: images [N, 1, 28, 28] to the 128 features before the logits, and the logits."""
    raw = path.read_bytes()
    (size,) = struct.unpack('<Q', raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + size]).items():
        if name == '__metadata__':
            continue
        first, last = (8 + size + offset for offset in entry['data_offsets'])
        tensors[name.removeprefix('classifier/')] = torch.tensor(np.frombuffer(raw[first:last], np.float32).reshape(entry['shape']).copy())
    conv1, conv2 = (tensors[f'conv{layer}/kernel'].permute(3, 2, 0, 1).contiguous() for layer in (1, 2))
    dense = tensors['dense1/kernel'].reshape(12, 12, 32, 128).permute(2, 0, 1, 3).reshape(4608, 128)

    @torch.no_grad()
    def classify(images):
        parts = []
        for x in images.split(500):
            x = F.relu(F.conv2d(x, conv1, tensors['conv1/bias']))
            x = F.relu(F.conv2d(x, conv2, tensors['conv2/bias']))
            features = F.relu(F.max_pool2d(x, 2).flatten(1) @ dense + tensors['dense1/bias'])
            parts.append((features, features @ tensors['dense2/kernel'] + tensors['dense2/bias']))
        return tuple(torch.cat(each) for each in zip(*parts))

    return classify


def radii(points):
    """Distance of each point to its NEIGHBOURS-th nearest other."""
    return torch.cat([torch.cdist(part, points).kthvalue(NEIGHBOURS + 1, 1).values for part in points.split(2000)])


def frechet(real, fake):
    real, fake = real.double(), fake.double()
    a, b = torch.cov(real.T), torch.cov(fake.T)
    values, vectors = torch.linalg.eigh(a)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ b @ root).clamp(min=0).sqrt().sum()
    return ((real.mean(0) - fake.mean(0)) ** 2).sum().item() + (a.trace() + b.trace() - 2 * cross).item()


def compare(real, real_radii, fake, logits):
    fake_radii = radii(fake)
    precise, covered, recalled = 0, torch.zeros(len(real), dtype=torch.bool), torch.zeros(len(real), dtype=torch.bool)
    for part, reach in zip(fake.split(2000), fake_radii.split(2000)):
        distances = torch.cdist(part, real)
        inside = distances <= real_radii
        precise += inside.any(1).sum().item()
        covered |= inside.any(0)
        recalled |= (distances <= reach[:, None]).any(0)
    sure = (logits.softmax(1).max(1).values >= 0.9).float().mean().item()
    shares = dict(coverage=covered.float().mean().item(), precision=precise / len(fake), recall=recalled.float().mean().item(), sure=sure)
    return dict(frechet=frechet(real, fake), **shares)


def scaled(channels, width):
    return 4 * round(channels * width / 4)


class MinibatchStddev(nn.Module):
    def forward(self, x):
        deviation = x.var(0, unbiased=False).add(1e-8).sqrt().mean()
        return torch.cat([x, deviation.expand(len(x), 1, *x.shape[2:])], 1)


def networks(recipe, z):
    def batch_norm(channels):
        return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)

    width = recipe.get('generator_width', recipe['width'])
    deep, shallow = scaled(128, width), scaled(64, width)
    generator = nn.Sequential(
        nn.Linear(z, 49 * deep, bias=False), nn.Unflatten(1, (deep, 7, 7)), batch_norm(deep), nn.ReLU(),
        nn.ConvTranspose2d(deep, shallow, 4, 2, 1, bias=False), batch_norm(shallow), nn.ReLU(),
        nn.ConvTranspose2d(shallow, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    width, third, is_batch = recipe['width'], recipe['third'], recipe['norm'] == 'batch'
    deep, shallow, hidden = scaled(128, width), scaled(64, width), scaled(recipe['hidden'], width)

    def conv(inputs, outputs):
        norm = [batch_norm(outputs)] if is_batch else []
        return [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=not is_batch), *norm, nn.LeakyReLU(0.2)]

    features = 9 * third if third > 0 else 49 * (deep + int(recipe['stddev']))
    discriminator = nn.Sequential(
        nn.Conv2d(1, shallow, 4, 2, 1), nn.LeakyReLU(0.2), *conv(shallow, deep),
        *(conv(deep, third) if third > 0 else []), *([MinibatchStddev()] if recipe['stddev'] else []), nn.Flatten(),
        *([nn.Linear(features, hidden), nn.LeakyReLU(0.2)] if hidden > 0 else []), nn.Linear(hidden if hidden > 0 else features, 1),
    )  # fmt: skip
    for layer in [*generator.modules(), *discriminator.modules()]:
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return [network.to(memory_format=torch.channels_last) for network in (generator, discriminator)]


def train(recipe, images, z_dim, seed, iterations):
    """Trains with the schedule `joint`. Returns the averages of the generator by their decay."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    generator, discriminator = networks(recipe, z_dim)
    averages = {decay: copy.deepcopy(generator) for decay in AVERAGES}
    rates = 1e-3 * recipe['rates'][0], 4e-4 * recipe['rates'][1]
    betas = recipe['beta1'], recipe['beta2']
    pairs = zip((generator, discriminator), rates)
    optimisers = [torch.optim.Adam(network.parameters(), rate, betas, fused=True) for network, rate in pairs]
    epochs = math.ceil(iterations * BATCH / len(images)) + 1
    order = np.concatenate([rng.permutation(len(images)) for _ in range(epochs)])
    for iteration in range(iterations):
        for optimiser, rate in zip(optimisers, rates):
            optimiser.param_groups[0]['lr'] = rate * (1 - iteration / iterations if recipe['decay'] else 1)
        real = images[order[iteration * BATCH : (iteration + 1) * BATCH]][:, None].float() / 127.5 - 1
        fake = generator(torch.randn(BATCH, z_dim))
        on_real, on_fake = discriminator(real), discriminator(fake.detach())
        labels = torch.full_like(on_real, 1 - recipe['smoothing'])
        loss = F.binary_cross_entropy_with_logits(on_real, labels) + F.softplus(on_fake).mean()
        optimisers[1].zero_grad(set_to_none=True)
        loss.backward()
        optimisers[1].step()
        discriminator.requires_grad_(False)
        loss = F.softplus(-discriminator(fake)).mean()
        optimisers[0].zero_grad(set_to_none=True)
        loss.backward()
        optimisers[0].step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            for decay, average in averages.items():
                torch._foreach_lerp_([*average.parameters()], [*generator.parameters()], 1 - decay)
                for mean, value in zip(average.buffers(), generator.buffers()):
                    if mean.is_floating_point():
                        mean.lerp_(value, 1 - decay)
    return averages


def read():
    return json.loads(OUT.read_text()) if OUT.exists() else dict(commands=[], device='', rows=[])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data-dir', required=True)
    parser.add_argument('--dataset', default='mnist/train', help='name of the images in the results')
    parser.add_argument('--classifier', type=Path, default=CLASSIFIER, help="weights of `classify train --arch article`")
    parser.add_argument('--seeds', default='1')
    parser.add_argument('--z', type=int, default=100)
    parser.add_argument('--iterations', type=int, default=1500)
    parser.add_argument('--samples', type=int, default=2000)
    parser.add_argument('--only', action='append', choices=[*RECIPES])
    flags = parser.parse_args()
    torch.set_num_threads(1)
    images = torch.tensor(idx(f'{flags.data_dir}/train-images-idx3-ubyte.gz'))
    classify = load_classifier(flags.classifier)
    chosen = np.random.default_rng(99).permutation(len(images))[: flags.samples]
    real, _ = classify(images[chosen][:, None].float() / 127.5 - 1)
    real_radii = radii(real)
    z = torch.randn(flags.samples, flags.z, generator=torch.Generator().manual_seed(7))
    for seed in flags.seeds.split(','):
        for name in flags.only or RECIPES:
            known = dict(recipe=name, dataset=flags.dataset, zDim=flags.z, seed=seed, iterations=flags.iterations, samples=flags.samples)
            if any(known.items() <= row.items() for row in read()['rows']):
                continue
            averages = train({**BASE, **RECIPES[name]}, images, flags.z, int(seed), flags.iterations)
            rows = []
            for decay, generator in averages.items():
                with torch.no_grad():
                    generator.eval()
                    fake, logits = classify(torch.cat([generator(part) for part in z.split(500)]).contiguous())
                found = {key: round(value, 4) for key, value in compare(real, real_radii, fake, logits).items()}
                rows.append({**known, 'recipe': name if decay == 0 else f'{name}, ema {decay}', **found})
                print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
            # Read again: several processes may write.
            results = read()
            results['rows'] += rows
            judge = '' if flags.classifier == CLASSIFIER else f' --dataset {flags.dataset} --classifier path/to/{flags.classifier.name}'
            sizes = f'--seeds {flags.seeds} --z {flags.z} --iterations {flags.iterations}'
            command = f'python experiments/recipe/screen.py --data-dir path/to/data{judge} {sizes}'
            results['commands'] += [] if command in results['commands'] else [command]
            results['device'] = f'PyTorch {torch.__version__}, one thread of a 2-core AMD EPYC'
            OUT.write_text(json.dumps(results, ensure_ascii=False, indent=1) + '\n')


main()
