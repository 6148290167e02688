"""Features of torch-fidelity's Inception, run on weights that this script draws by counters and the test draws again.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt torchvision
  v/bin/pip install --no-deps torch-fidelity==0.3.0
  v/bin/python test/reference/metrics/make_inception.py

Writes inception.safetensors: features of two tiles of the sample day-to-night, and of a crop of the first.
"""

import pathlib
import tempfile

import numpy
import torch
from make_figures import uniform
from PIL import Image
from safetensors.numpy import save_file
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

folder = pathlib.Path(__file__).resolve().parent
train = folder.parent.parent.parent / "resources" / "samples" / "day-to-night"


class Bare(FeatureExtractorInceptionV3):
    """The names and shapes that its weights must have, in the network's order."""

    def load_state_dict(self, state, **_):
        pass


def drawn(name, shape, layer):
    """Kernels as He draws them; norms away from 0 and 1."""
    index = numpy.arange(int(numpy.prod(shape)))
    part = ["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"].index(".".join(name.split(".")[-2:]))
    values = uniform(21, layer, part, index)
    if part == 0:
        values = (2 * values - 1) * numpy.sqrt(6 / numpy.prod(shape[1:]))
    elif part in (1, 4):
        values = 0.5 + values
    else:
        values = 0.2 * (values - 0.5)
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def draw_state(extractor):
    state = {name: torch.zeros_like(value) for name, value in extractor.state_dict().items()}
    layers = list(dict.fromkeys(name[: -len(".conv.weight")] for name in state if name.endswith(".conv.weight")))
    for name, value in state.items():
        if ".conv." in name or (".bn." in name and not name.endswith("num_batches_tracked")):
            layer = layers.index(name.rsplit(".", 2)[0])
            state[name] = drawn(name, tuple(value.shape), layer)
    return state, layers


def main():
    with tempfile.TemporaryDirectory() as temporary:
        empty = pathlib.Path(temporary) / "empty.pth"
        torch.save({}, empty)
        extractor = Bare("inception-v3-compat", ["2048"], feature_extractor_weights_path=str(empty))
        state, layers = draw_state(extractor)
        FeatureExtractorInceptionV3.load_state_dict(extractor, state)
        extractor.eval()
    print("\n".join(layers))
    tensors = {}
    for side in ["A", "B"]:
        file = sorted((train / side / "train").glob("*.png"))[0]
        pixels = torch.from_numpy(numpy.asarray(Image.open(file).convert("RGB")).copy()).permute(2, 0, 1)[None]
        tensors[f"tile/{side}"] = extractor(pixels)[0].numpy()
        if side == "A":
            tensors["crop/A"] = extractor(pixels[:, :, 10:72, 30:105].contiguous())[0].numpy()
    save_file(tensors, folder / "inception.safetensors")


torch.set_grad_enabled(False)
main()
