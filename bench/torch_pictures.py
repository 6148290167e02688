"""Pairs of pictures from a project's folders, augmented by the published rule, and the scores of translated ones."""

import json
import random
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

Pair = tuple[Image.Image, Image.Image]


def folders(project: Path, direction: str) -> tuple[Path, Path]:
    """The folders of what is given and of what is wanted."""
    dataset = json.loads((project / "project.json").read_text())["dataset"]
    if dataset is None or dataset["kind"] not in ("paired-folders", "unpaired-folders"):
        raise SystemExit(f"{project}: only projects with two folders can be compared.")
    a, b = (project / dataset["options"][side] for side in ("a", "b"))
    return (b, a) if direction == "BtoA" else (a, b)


def names_in(folder: Path) -> list[str]:
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    if not names:
        raise SystemExit(f"No pictures in {folder}.")
    return names


def read_pairs(project: Path, split: str, direction: str) -> list[Pair]:
    """True pairs of a split: the same names in both folders."""
    given, wanted = (folder / split for folder in folders(project, direction))
    return [(read_picture(given / name), read_picture(wanted / name)) for name in names_in(given)]


def read_sides(project: Path, split: str, direction: str) -> list[list[Image.Image]]:
    """All pictures of both sides of a split, whatever their names."""
    sides = [folder / split for folder in folders(project, direction)]
    return [[read_picture(side / name) for name in names_in(side)] for side in sides]


def read_picture(file: Path) -> Image.Image:
    """Grey or colour at 8 bits, as the comparison with the published settings needs it."""
    with Image.open(file) as picture:
        if picture.mode == "P" and "transparency" not in picture.info:
            return picture.convert("RGB")
        if picture.mode not in ("L", "RGB"):
            raise SystemExit(f"{file}: mode {picture.mode}; only 8-bit grey and RGB can be compared.")
        picture.load()
        return picture


def to_tensor(picture: Image.Image) -> Tensor:
    """[1,C,H,W] in [-1,1]."""
    values = torch.from_numpy(numpy.array(picture, dtype=numpy.float32)) / 127.5 - 1
    values = values if values.ndim == 3 else values[:, :, None]
    return values.permute(2, 0, 1)[None].contiguous()


def augment(pair: Pair, options: dict, draw: random.Random) -> tuple[Tensor, Tensor]:
    """Resize, crop, flip; both pictures of a pair alike."""
    crop = options["cropSizePx"]
    pair = fit(pair, options, max(options["loadSizePx"] or round(crop * 286 / 256), crop))
    width, height = pair[0].size
    x, y = draw.randint(0, width - crop), draw.randint(0, height - crop)
    flip = options["flip"] and draw.random() < 0.5
    tensors = [to_tensor(picture.crop((x, y, x + crop, y + crop))) for picture in pair]
    return tuple(t.flip(3) if flip else t for t in tensors)


def held_out(pair: Pair, options: dict) -> tuple[Tensor, Tensor]:
    """What is scored: the whole picture at crop size, or its middle where pictures are cropped only."""
    crop = options["cropSizePx"]
    pair = fit(pair, options, crop)
    width, height = pair[0].size
    x, y = (width - crop) // 2, (height - crop) // 2
    return tuple(to_tensor(picture.crop((x, y, x + crop, y + crop))) for picture in pair)


def fit(pair: Pair, options: dict, size: int) -> Pair:
    if options["preprocess"] == "resize_and_crop":
        return tuple(picture.resize((size, size), Image.Resampling.BICUBIC) for picture in pair)
    if options["preprocess"] != "crop":
        raise SystemExit(f"Preprocess {options['preprocess']} is not part of the comparison.")
    return pair


def to_unit(values: Tensor) -> Tensor:
    """From [-1,1] to [0,1]."""
    return (values.clamp(-1, 1) + 1) / 2


def l1(made: Tensor, real: Tensor) -> float:
    return (made - real).abs().mean().item()


def ssim(made: Tensor, real: Tensor) -> float:
    """Wang et al. 2004: Gaussian window 11, sigma 1.5, range 1, mean over channels and positions without padding."""
    offset = torch.arange(11, dtype=torch.float64) - 5
    window = torch.exp(-(offset**2) / (2 * 1.5**2))
    window = window / window.sum()

    def blur(x: Tensor) -> Tensor:
        x = x.transpose(0, 1)  # channels as pictures
        return F.conv2d(F.conv2d(x, window.view(1, 1, 11, 1)), window.view(1, 1, 1, 11))

    a, b = made.double(), real.double()
    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
    return (luminance * (2 * covariance + 9e-4) / (variance_a + variance_b + 9e-4)).mean().item()
