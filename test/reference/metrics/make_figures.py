"""What numpy, scipy and pytorch-msssim say of heaps of features and pairs of pictures.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt scipy==1.17.1 pytorch-msssim==1.0.0
  v/bin/python test/reference/metrics/make_figures.py > test/reference/metrics/figures.json

Heaps are drawn by counters that the tests draw again (src/core/random.ts), or are the committed features of real tiles.
"""

import json
import pathlib

import numpy
import scipy.linalg
import torch
from pytorch_msssim import ms_ssim
from safetensors.numpy import load_file

folder = pathlib.Path(__file__).resolve().parent
WORD = numpy.uint32


def mix(value, word):
    k = word * WORD(0xCC9E2D51)
    k = (k << WORD(15)) | (k >> WORD(17))
    value = value ^ (k * WORD(0x1B873593))
    value = (value << WORD(13)) | (value >> WORD(19))
    return value * WORD(5) + WORD(0xE6546B64)


def uniform(seed, *counters):
    """`randomUniform` of src/core/random.ts, over arrays of counters."""
    value = mix(WORD(0x9747B28C), WORD(seed))
    for counter in counters:
        value = mix(value, numpy.asarray(counter, dtype=WORD))
    value = value ^ WORD(len(counters) + 1)
    value = (value ^ (value >> WORD(16))) * WORD(0x85EBCA6B)
    value = (value ^ (value >> WORD(13))) * WORD(0xC2B2AE35)
    return (value ^ (value >> WORD(16))) / 4294967296


def heap(seed, count, length, spread):
    """Vectors that hang together: a share for each group of 16 features, one for each; the last feature never varies."""
    row, column = numpy.meshgrid(numpy.arange(count), numpy.arange(length), indexing="ij")
    values = spread * uniform(seed, row, column) * uniform(seed, row, 5000 + column // 16) + 0.1 * uniform(seed, column)
    values[:, -1] = 0.25
    return values


def kid(x, y):
    length = x.shape[1]
    kernel = lambda a, b: (a @ b.T / length + 1) ** 3  # noqa: E731
    own, other, cross = kernel(x, x), kernel(y, y), kernel(x, y)
    n, m = len(x), len(y)
    mean = lambda k, c: (k.sum() - numpy.trace(k)) / (c * (c - 1))  # noqa: E731
    return mean(own, n) + mean(other, m) - 2 * cross.mean()


def frechet(x, y):
    """With the trace of the root as a nuclear norm, tr((S1 S2)^(1/2)) = |A1^T A2|, which holds for singular S1 and S2."""
    centred = [(heap - heap.mean(0)).T / numpy.sqrt(len(heap) - 1) for heap in [x, y]]
    root = numpy.linalg.svd(centred[0].T @ centred[1], compute_uv=False).sum()
    apart = x.mean(0) - y.mean(0)
    return float(apart @ apart + sum((part**2).sum() for part in centred) - 2 * root)


def frechet_by_root(x, y):
    """As published programs compute it."""
    s1, s2 = numpy.cov(x, rowvar=False), numpy.cov(y, rowvar=False)
    apart = x.mean(0) - y.mean(0)
    return float(apart @ apart + numpy.trace(s1) + numpy.trace(s2) - 2 * numpy.trace(scipy.linalg.sqrtm(s1 @ s2)).real)


def precision(made, real):
    def distances(a, b):
        return numpy.stack([((b - vector) ** 2).sum(1) for vector in a])

    radii = numpy.sort(distances(real, real), axis=1)[:, 3]
    return float((distances(made, real) <= radii).any(1).mean())


def picture(height, width, channels, phase):
    """The formula of make_ssim.py, with noise drawn by counters where the phase is not zero."""
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(channels), indexing="ij")
    values = 0.5 + 0.5 * numpy.sin(0.37 * x + 0.23 * y * (c + 1) + phase + 0.001 * x * y)
    noise = uniform(7, y, x, c) if phase else values
    return (0.9 * values + 0.1 * noise).astype(numpy.float32)


def multi_scale(height, width, channels, phase):
    x, y = (torch.from_numpy(picture(height, width, channels, p)).double().permute(2, 0, 1)[None] for p in [0, phase])
    return ms_ssim(x, y, data_range=1.0).item()


def main():
    tiles = {name: value.astype(numpy.float64) for name, value in load_file(folder / "features.safetensors").items()}
    pairs = {
        "tiles": (tiles["tiles/A"], tiles["tiles/B"]),
        "alike": (heap(1, 200, 64, 1.0), heap(2, 150, 64, 1.0)),
        "apart": (heap(3, 90, 64, 1.0), heap(4, 120, 64, 1.3)),
        "fewer than features": (heap(5, 30, 64, 1.0), heap(6, 40, 64, 1.2)),
    }
    full = (heap(8, 1500, 1280, 1.0), heap(9, 1600, 1280, 1.2))
    shapes = [(176, 200, 3, 0.3), (163, 181, 1, 0.1), (161, 256, 4, 0.05), (256, 256, 3, 0.6), (256, 256, 3, 1.7)]
    figures = {
        "kid": {name: kid(*pair) for name, pair in pairs.items()},
        "precision": {name: precision(*pair) for name, pair in pairs.items()},
        "recall": {name: precision(y, x) for name, (x, y) in pairs.items()},
        "frechet": {name: frechet(*pair) for name, pair in {**pairs, "full": full}.items()},
        "frechetByRoot": frechet_by_root(*full),
        "msSsim": [dict(zip(["height", "width", "channels", "phase"], shape)) | {"value": multi_scale(*shape)}
                   for shape in shapes],
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
