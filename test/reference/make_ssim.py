"""Reference values for SSIM and PSNR from scikit-image, for pictures that both languages compute from a formula.

Run: python3 -m venv v && v/bin/pip install scikit-image==0.25.2 && v/bin/python test/reference/make_ssim.py > test/reference/ssim.json
"""

import json

import numpy
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def picture(height, width, channels, phase):
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(channels), indexing="ij")
    return (0.5 + 0.5 * numpy.sin(0.37 * x + 0.23 * y * (c + 1) + phase + 0.001 * x * y)).astype(numpy.float32)


def main():
    cases = []
    for height, width, channels, phase in [(24, 31, 3, 0.3), (64, 48, 1, 0.8), (11, 11, 3, 1.7), (40, 40, 4, 0.05)]:
        a = picture(height, width, channels, 0.0)
        b = picture(height, width, channels, phase)
        ssim = structural_similarity(
            a.astype(numpy.float64), b.astype(numpy.float64), data_range=1.0, channel_axis=2,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        psnr = peak_signal_noise_ratio(a, b, data_range=1.0)
        cases.append({"height": height, "width": width, "channels": channels, "phase": phase,
                      "ssim": float(ssim), "psnr": float(psnr)})
    print(json.dumps({"scikit-image": skimage.__version__, "cases": cases}, indent=2))


main()
