"""Reference values for histogram matching from scikit-image, for pictures that both languages compute from a formula.

Run: python3 -m venv v && v/bin/pip install scikit-image && v/bin/python test/reference/make_histogram.py > test/reference/histogram.json
"""

import json

import numpy
import skimage
from skimage.exposure import match_histograms

HEIGHT, WIDTH, CHANNELS = 9, 13, 3


def picture(phase, power):
    y, x, c = numpy.meshgrid(numpy.arange(HEIGHT), numpy.arange(WIDTH), numpy.arange(CHANNELS), indexing="ij")
    wave = 0.5 + 0.5 * numpy.sin(0.7 * x + 0.41 * y * (c + 1) + phase + 0.03 * x * y)
    # As float: whole numbers that match_histograms does not cut to whole numbers again.
    return numpy.floor(255.0 * wave**power + 0.5)


def main():
    matched = match_histograms(picture(0.0, 1), picture(1.0, 3), channel_axis=2)
    print(json.dumps({"scikit-image": skimage.__version__, "heightPx": HEIGHT, "widthPx": WIDTH, "channels": CHANNELS,
                      "values": [round(float(value), 6) for value in matched.reshape(-1)]}))


main()
