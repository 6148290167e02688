"""Makes the PyTorch fixtures in this folder: `python test/reference/make_fixtures.py` (packages: bench/requirements.txt).

Same versions, same machine type: same bytes. README.md says what every name means.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

import fixtures  # first: it makes bench/ importable
from fixtures import STEPS, prefixed, smooth_picture, write
from torch_networks import (
    PatchDiscriminator,
    PixelDiscriminator,
    cancelled_biases,
    gradients,
    init_weights,
    load_state,
    make_generator,
    state,
    statistics,
    to_nchw,
    to_nhwc,
    weights,
)
from torch_pix2pix import Pix2Pix, Settings, moments


def main() -> None:
    fixtures.begin()
    manifest = {
        "versions": fixtures.versions(),
        "forward": [make_forward(i, *case) for i, case in enumerate(forward_cases())],
        "steps": [make_steps(i, *case) for i, case in enumerate(step_cases())],
        "adam": make_adam(),
    }
    fixtures.write_manifest("manifest.json", manifest)


# --- one forward pass, and the gradients of a weighted sum of its output


def forward_cases() -> list[tuple[str, dict, int]]:
    """Name, options, batch size. Spatial size 32, and 64 where three stride-2 layers need it."""

    def unet(norm: str, inputs: int = 3, outputs: int = 3) -> dict:
        return {"network": "unet_32", "inputNc": inputs, "outputNc": outputs, "width": 4, "norm": norm}

    def resnet(norm: str) -> dict:
        return {"network": "resnet_2blocks", "inputNc": 3, "outputNc": 3, "width": 4, "norm": norm}

    def patch(n: int, norm: str) -> dict:
        return {"network": f"patch_{n}layers", "inputNc": 6, "outputNc": 1, "width": 8, "norm": norm}

    def pixel(norm: str) -> dict:
        return {"network": "pixel", "inputNc": 6, "outputNc": 1, "width": 8, "norm": norm}

    return [
        ("unet-batch", unet("batch"), 2),
        ("unet-instance", unet("instance"), 1),
        ("unet-1-to-4-channels", unet("batch", 1, 4), 1),
        ("unet-4-to-1-channels", unet("instance", 4, 1), 1),
        ("resnet-batch", resnet("batch"), 2),
        ("resnet-instance", resnet("instance"), 1),
        ("patch-2-batch", patch(2, "batch"), 2),
        ("patch-3-batch", patch(3, "batch"), 1),
        ("patch-3-instance", patch(3, "instance"), 1),
        ("pixel-batch", pixel("batch"), 2),
        ("pixel-instance", pixel("instance"), 1),
        ("pixel-none", pixel("none"), 1),
    ]


def make_network(options: dict) -> nn.Module:
    name, norm = options["network"], options["norm"]
    if name.startswith("patch_"):
        layers = int(name.removeprefix("patch_").removesuffix("layers"))
        return PatchDiscriminator(options["inputNc"], options["width"], layers, norm)
    if name == "pixel":
        return PixelDiscriminator(options["inputNc"], options["width"], norm)
    return make_generator(name, options["inputNc"], options["outputNc"], options["width"], norm, dropout=False)


def scatter(net: nn.Module) -> None:
    """Weights far from their initial values, so that a forgotten bias, scale or statistic shows in the output."""
    with torch.no_grad():
        for name, value in [*weights(net), *statistics(net)]:
            if name.endswith((".scale", ".variance")):
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, 0.1)


def make_forward(index: int, name: str, options: dict, batch: int) -> dict:
    torch.manual_seed(100 + index)
    net = make_network(options)
    scatter(net)
    size = 64 if options["network"] == "patch_3layers" else 32
    x = torch.rand(batch, size, size, options["inputNc"]) * 2 - 1
    tensors = prefixed("net", state(net)) | {"input": x}

    running = net.eval()(to_nchw(x))
    if options["norm"] == "batch":
        tensors["outputRunning"] = to_nhwc(running)
    output = net.train()(to_nchw(x))
    probe = torch.randn(to_nhwc(output).shape)
    (output * to_nchw(probe)).sum().backward()
    tensors |= {"output": to_nhwc(output), "probe": probe}
    tensors |= prefixed("gradient", gradients(net))
    tensors |= prefixed("after", {key: value for key, value in statistics(net)})
    file = write(f"forward-{name}", tensors)
    return {"name": name, "file": file, **options, "batch": batch, "size": size, "cancelled": cancelled_biases(net)}


# --- whole training steps


def step_cases() -> list[tuple[str, Settings, int]]:
    return [
        ("unet-batch-vanilla", Settings("unet_32", ngf=4, ndf=4, nLayersD=2, dropout=False), 1),
        (
            "unet-batch-lsgan",
            Settings("unet_32", ngf=2, ndf=4, nLayersD=2, dropout=False, ganLoss="lsgan"),
            1,
        ),
        (
            "resnet-instance-lsgan",
            Settings(
                "resnet_2blocks",
                ngf=4,
                ndf=4,
                nLayersD=2,
                norm="instance",
                dropout=False,
                ganLoss="lsgan",
            ),
            2,
        ),
    ]


def make_steps(index: int, name: str, settings: Settings, batch: int) -> dict:
    torch.manual_seed(200 + index)
    model = Pix2Pix(settings)
    init_weights(model.netG)
    init_weights(model.netD)
    exact = in_float64(model)
    tensors: dict[str, Tensor] = {}
    steps = []
    for step in range(1, STEPS + 1):
        realA, realB = smooth_picture(batch), smooth_picture(batch)
        tensors |= prefixed(f"step{step}", {"realA": realA, "realB": realB} | whole_state(model))
        twin = in_float64(model)
        losses = model.step(to_nchw(realA), to_nchw(realB))
        tensors |= prefixed(f"step{step}", {"fakeB": to_nhwc(losses.pop("fakeB"))} | both_gradients(model))
        twin.step(to_nchw(realA).double(), to_nchw(realB).double())
        exact.step(to_nchw(realA).double(), to_nchw(realB).double())
        steps.append(
            {
                "losses": {key: value.item() for key, value in losses.items()},
                "gradientError": errors(both_gradients(model), both_gradients(twin)),
            }
        )
    tensors |= prefixed("after", both_states(model)) | prefixed("afterFloat64", both_states(exact))
    return {
        "name": name,
        "file": write(f"steps-{name}", tensors),
        "settings": vars(settings),
        "batch": batch,
        "size": 32,
        "cancelled": {"netG": cancelled_biases(model.netG), "netD": cancelled_biases(model.netD)},
        "steps": steps,
        "weightError": errors(both_states(model), both_states(exact)),
    }


def in_float64(model: Pix2Pix) -> Pix2Pix:
    """The same model at the same point (moments too), computed in float64."""
    twin = Pix2Pix(model.settings)
    for net, other in [(twin.netG, model.netG), (twin.netD, model.netD)]:
        net.double()
        load_state(net, {key: value.double() for key, value in state(other).items()})
    twin.reset_optimizers()
    for own, other in [(twin.optimizerG, model.optimizerG), (twin.optimizerD, model.optimizerD)]:
        own.load_state_dict(deepcopy(other.state_dict()))  # it would share the step counter otherwise
    return twin


def both_states(model: Pix2Pix) -> dict[str, Tensor]:
    return prefixed("netG", state(model.netG)) | prefixed("netD", state(model.netD))


def both_gradients(model: Pix2Pix) -> dict[str, Tensor]:
    return prefixed("netG.gradient", gradients(model.netG)) | prefixed("netD.gradient", gradients(model.netD))


def whole_state(model: Pix2Pix) -> dict[str, Tensor]:
    tensors = both_states(model)
    for prefix, net, optimizer in [("netG", model.netG, model.optimizerG), ("netD", model.netD, model.optimizerD)]:
        for slot, values in moments(net, optimizer).items():
            tensors |= prefixed(f"{prefix}.adam.{slot}", values)
    return tensors


def errors(float32: dict[str, Tensor], float64: dict[str, Tensor]) -> dict[str, dict[str, float]]:
    """By tensor: greatest difference, norm of the difference, norm of the exact tensor (rounded to float32 as stored)."""
    result = {}
    for name, value in float32.items():
        exact = float64[name].float().double()
        difference = value.double() - exact
        result[name] = {
            "max": difference.abs().max().item(),
            "norm": difference.norm().item(),
            "exactNorm": exact.norm().item(),
        }
    return result


# --- Adam alone


def make_adam() -> dict:
    """Five steps on given gradients from 1e-10 (where epsilon rules) to 1e2, a zero among them."""
    torch.manual_seed(300)
    parameter = nn.Parameter(torch.randn(4, 8))
    optimizer = torch.optim.Adam([parameter], lr=2e-4, betas=(0.5, 0.999), eps=1e-8)
    scale = torch.logspace(-10, 2, 32).reshape(4, 8)
    tensors = {"step0/weight": parameter.detach().clone()}
    for step in range(1, 6):
        gradient = torch.randn(4, 8) * scale
        gradient[0, 0] = 0
        parameter.grad = gradient
        optimizer.step()
        slots = optimizer.state[parameter]
        after = {"gradient": gradient, "weight": parameter, "m": slots["exp_avg"], "v": slots["exp_avg_sq"]}
        tensors |= prefixed(f"step{step}", {key: value.detach().clone() for key, value in after.items()})
    file = write("adam", tensors)
    return {"file": file, "steps": 5, "learningRate": 2e-4, "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}


if __name__ == "__main__":
    main()
