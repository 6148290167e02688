"""Reference values for ST-LPIPS, from its authors' package run as it is: this script calls it and looks at nothing inside.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt torchvision
  v/bin/pip install --no-deps stlpips_pytorch==0.0.2
  v/bin/python test/reference/st-lpips/make_st_lpips.py

Its source imports IPython and torchsummary without using them here; empty modules of these names do.
"""

import json
import pathlib
import sys
import types

import numpy
import torch
from PIL import Image, ImageFilter
from safetensors.numpy import save_file

for name in ["IPython", "torchsummary"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["IPython"].embed = None
sys.modules["torchsummary"].summary = None
from stlpips_pytorch import stlpips  # noqa: E402

folder = pathlib.Path(__file__).resolve().parent
photos = folder.parent.parent.parent / "resources" / "photos"


def pixels(picture):
    """[1,3,H,W] in [-1,1]."""
    array = numpy.asarray(picture.convert("RGB")).astype(numpy.float32) / 127.5 - 1
    return torch.from_numpy(array).permute(2, 0, 1)[None]


def own_pairs():
    """Crops of pictures that ship, spoiled: sides odd and even, one pair alike but for a shift by a pixel."""
    cat = Image.open(photos / "small-cat.jpg").convert("RGB")
    astronaut = Image.open(photos / "small-astronaut.jpg").convert("RGB")
    crop = lambda picture, x, y, width, height: picture.crop((x, y, x + width, y + height))  # noqa: E731
    face = crop(astronaut, 150, 60, 75, 62)
    yield "blurred", face, face.filter(ImageFilter.GaussianBlur(1.5))
    yield "shifted", crop(cat, 120, 80, 48, 64), crop(cat, 121, 80, 48, 64)
    yield "other", crop(cat, 150, 100, 21, 33), crop(astronaut, 20, 200, 21, 33)


def main():
    metric = stlpips.LPIPS(net="alex", variant="shift_tolerant")
    tensors, values = {}, {}

    def measure(name, x, y):
        with torch.no_grad():
            single = metric.float()(x, y).item()
            values[name] = {"float32": single, "float64": metric.double()(x.double(), y.double()).item()}

    for name in ["ex_p0", "ex_p1"]:
        measure(name, pixels(Image.open(folder / f"{name}.png")), pixels(Image.open(folder / "ex_ref.png")))
    for name, x, y in own_pairs():
        measure(name, pixels(x), pixels(y))
        for side, picture in [("x", x), ("y", y)]:
            tensors[f"{name}/{side}"] = pixels(picture).permute(0, 2, 3, 1).contiguous().numpy()
    save_file(tensors, folder / "pairs.safetensors")
    (folder / "values.json").write_text(json.dumps(values, indent=2) + "\n")


main()
