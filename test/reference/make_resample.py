"""Reference values for resampling from PyTorch (antialias) and Pillow, for a picture that both languages compute from a formula.

Run: python3 -m venv v && v/bin/pip install -r bench/requirements.txt pillow && v/bin/python test/reference/make_resample.py > test/reference/resample.json
"""

import json

import numpy
import PIL
import torch
from PIL import Image
from torch.nn.functional import interpolate

HEIGHT, WIDTH = 24, 36


def picture():
    y, x = numpy.meshgrid(numpy.arange(HEIGHT), numpy.arange(WIDTH), indexing="ij")
    return 0.5 + 0.5 * numpy.sin(0.37 * x + 0.23 * y + 0.02 * x * y)


def by_torch(values, height, width, mode):
    tensor = torch.from_numpy(values)[None, None]
    return interpolate(tensor, size=(height, width), mode=mode, antialias=True, align_corners=False)[0, 0].numpy()


def by_pillow(values, height, width):
    return numpy.asarray(Image.fromarray(values.astype(numpy.float32)).resize((width, height), Image.Resampling.BOX))


def main():
    cases = []
    for height, width in [(12, 18), (8, 12), (6, 9), (48, 72), (17, 23)]:
        for kernel in ["bicubic", "bilinear", "area"]:
            if kernel == "area" and (HEIGHT % height or WIDTH % width):
                continue  # a box of no whole width is a matter of taste
            made = by_pillow(picture(), height, width) if kernel == "area" else by_torch(picture(), height, width, kernel)
            if height > HEIGHT:
                made = made[:6]
            cases.append({"kernel": kernel, "heightPx": height, "widthPx": width,
                          "values": [round(float(value), 6) for value in made.reshape(-1)]})
    print(json.dumps({"torch": torch.__version__, "pillow": PIL.__version__,
                      "heightPx": HEIGHT, "widthPx": WIDTH, "cases": cases}))


main()
