"""Makes manifest-cut.json, forward-antialiased-*.safetensors and steps-cut-*.safetensors: `python test/reference/make_cut.py`."""

from functools import partial

import torch
from torch import Tensor, nn

import fixtures  # first: it makes bench/ importable
from counters import is_mirrored, places
from fixtures import STEPS, all_gradients, prefixed, smooth_picture
from torch_cut import Cut, Settings
from torch_networks import (
    PatchDiscriminator,
    cancelled_biases,
    gradients,
    init_weights,
    make_generator,
    state,
    to_nchw,
    to_nhwc,
    weights,
)

# With this seed step 2 is mirrored and the others are not.
SEED = 10
# With weights from here PyTorch's own rounding stays under 3e-4 of every gradient, so that 1e-3 measures more than that.
TORCH_SEED = 640


def main() -> None:
    fixtures.begin()
    tiny = {"ngf": 2, "ndf": 3, "nLayersD": 2, "patches": 24, "projectionWidth": 8}
    fast = {"lambdaNCE": 10.0, "nceIdentity": False, "flipEquivariance": True}
    cases = [
        ("identity", "cut", Settings("resnet_6blocks", **tiny), 1),
        ("fast-two-pictures", "fastcut", Settings("resnet_2blocks", **tiny, **fast), 2),
        ("strided-mirrored", "cut", Settings("resnet_1blocks", **tiny, sampling="strided", flipEquivariance=True), 1),
    ]
    manifest = {
        "versions": fixtures.versions(),
        "forward": [make_forward("resnet", 1), make_forward("patch", 2)],
        "steps": [make_steps(index, *case) for index, case in enumerate(cases)],
    }
    fixtures.write_manifest("manifest-cut.json", manifest)


def make_forward(kind: str, batch: int) -> dict:
    """One antialiased network with instance norm, scattered weights; PatchGAN on an odd side, where halving rounds."""
    torch.manual_seed(500 + batch)
    size = 32 if kind == "resnet" else 37
    net = (
        make_generator("resnet_2blocks", 3, 3, 4, "instance", False, antialiased=True)
        if kind == "resnet"
        else PatchDiscriminator(3, 6, 2, "instance", antialiased=True)
    )
    with torch.no_grad():
        for _, value in weights(net):
            value.normal_(0, 0.1)
    x = torch.rand(batch, size, size, 3) * 2 - 1
    output = net(to_nchw(x))
    probe = torch.randn(to_nhwc(output).shape)
    (output * to_nchw(probe)).sum().backward()
    tensors = prefixed("net", state(net)) | {"input": x, "output": to_nhwc(output), "probe": probe}
    tensors |= prefixed("gradient", gradients(net))
    network = "resnet_2blocks" if kind == "resnet" else "patch_2layers"
    sampling = {"downsampling": "antialiased"} | ({"upsampling": "antialiased"} if kind == "resnet" else {})
    width = {"ngf": 4} if kind == "resnet" else {"ndf": 6, "inputChannels": 3}
    file = fixtures.write(f"forward-antialiased-{kind}", tensors)
    options = {"norm": "instance", **width, **sampling}
    return {"name": kind, "file": file, "network": network, "options": options, "cancelled": cancelled_biases(net)}


def make_steps(index: int, name: str, recipe: str, settings: Settings, batch: int) -> dict:
    torch.manual_seed(TORCH_SEED + index)
    model = Cut(settings)
    for net in model.networks().values():
        # Wider than published: with gain 0.02 the picture would hardly depend on the networks.
        init_weights(net, "xavier", 0.5)
    for net in model.netF.values():
        # So narrow a network could be silent at a place, where the published length has no gradient.
        for layer in (net.layer1, net.layer2):
            nn.init.normal_(layer.conv.bias, 0, 0.2)
    cancelled = [f"{part}/{bias}" for part, net in model.networks().items() for bias in cancelled_here(net)]
    tensors: dict[str, Tensor] = {}
    steps = []
    for step in range(1, STEPS + 1):
        realA, realB = smooth_picture(batch), smooth_picture(batch)
        tensors |= prefixed(f"step{step}", {"realA": realA, "realB": realB} | fixtures.states_and_moments(model))
        twin = fixtures.in_float64(model)
        mirrored = settings.flipEquivariance and is_mirrored(SEED, step)
        choose = partial(chosen, settings.patches, step)
        losses = model.step(to_nchw(realA), to_nchw(realB), choose, mirrored)
        twin.step(to_nchw(realA).double(), to_nchw(realB).double(), choose, mirrored)
        tensors |= prefixed(f"step{step}", {"fakeB": to_nhwc(losses.pop("fakeB"))} | all_gradients(model))
        steps.append(
            {
                "mirrored": mirrored,
                "losses": {key: value.item() for key, value in losses.items()},
                "gradientError": fixtures.greatest_error(all_gradients(model), all_gradients(twin), cancelled),
            }
        )
    return {
        "name": name,
        "recipe": recipe,
        "file": fixtures.write(f"steps-cut-{name}", tensors),
        "settings": vars(settings),
        "seed": SEED,
        "size": 32,
        "cancelled": cancelled,
        "steps": steps,
    }


def chosen(count: int, step: int, number: int, feature: int, length: int) -> list[int]:
    return places(count, length, SEED, step, number, feature)


def cancelled_here(net: nn.Module) -> list[str]:
    """Not those of down1 and down2: what is compared is seen before their norm."""
    return [name for name in cancelled_biases(net) if name not in ("down1.bias", "down2.bias")]


if __name__ == "__main__":
    main()
