"""Makes manifest-bicyclegan.json and steps-bicyclegan-*.safetensors: `python test/reference/make_bicyclegan.py`."""

import torch
from torch import Tensor

import fixtures  # first: it makes bench/ importable
from fixtures import STEPS, all_gradients, prefixed, smooth_picture
from torch_bicyclegan import BicycleGan, Settings
from torch_networks import cancelled_biases, init_weights, to_nchw

SEED = 5


def make_steps(index: int, name: str, settings: Settings, batch: int) -> dict:
    torch.manual_seed(700 + index)
    model = BicycleGan(settings)
    for net in model.networks().values():
        init_weights(net, gain=0.2)
    cancelled = [f"{part}/{bias}" for part, net in model.networks().items() for bias in cancelled_biases(net)]
    tensors: dict[str, Tensor] = {}
    steps = []
    for step in range(1, STEPS + 1):
        realA, realB = smooth_picture(batch), smooth_picture(batch)
        given = {"realA": realA, "realB": realB} | fixtures.states_and_moments(model)
        tensors |= prefixed(f"step{step}", given)
        batches = [to_nchw(realA), to_nchw(realB), *model.draw_as_engine(batch, SEED, step).values()]
        twin = fixtures.in_float64(model)
        losses = model.step(*batches)
        twin.step(*(one.double() for one in batches))
        tensors |= prefixed(f"step{step}", all_gradients(model))
        error = fixtures.greatest_error(all_gradients(model), all_gradients(twin), cancelled)
        steps.append({"losses": {key: value.item() for key, value in losses.items()}, "gradientError": error})
    return {
        "name": name,
        "file": fixtures.write(f"steps-bicyclegan-{name}", tensors),
        "settings": vars(settings),
        "seed": SEED,
        "size": 32,
        "cancelled": cancelled,
        "steps": steps,
    }


def main() -> None:
    fixtures.begin()
    tiny = {"cropSizePx": 32, "netG": "unet_32", "ngf": 2, "ndf": 3, "nef": 3, "nLayersD": 2, "latent": 4}
    lsgan = Settings(**tiny)
    vanilla = Settings(**tiny, ganLoss="vanilla", norm="none", lambdaL1=7.0, lambdaKL=0.05, lambdaZ=2.0)
    steps = [make_steps(0, "lsgan-two-pictures", lsgan, 2), make_steps(1, "vanilla-no-norm", vanilla, 1)]
    fixtures.write_manifest("manifest-bicyclegan.json", {"versions": fixtures.versions(), "steps": steps})


if __name__ == "__main__":
    main()
