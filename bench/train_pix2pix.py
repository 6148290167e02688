"""Trains PyTorch's Pix2Pix on one of our projects with a run's own options, and scores the test pictures once.

    python bench/train_pix2pix.py PROJECT --config runs/run-001/config.json [--steps 200] [--seed 1]

The config is a run's config.json, or a JSON object of options alone. Networks, losses, initialisation, augmentation rule,
schedule and number of steps are the run's; the random draws are PyTorch's own. The checkpoint is picked on validation L1.
Prints one JSON object; progress goes to standard error.
"""

import argparse
import json
import math
import random
import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from torch_networks import init_weights, load_state, state
from torch_pictures import Pair, augment, held_out, l1, read_pairs, ssim, to_unit
from torch_pix2pix import Pix2Pix, Settings

DEFAULTS = {
    "steps": None,
    "epochs": 200,
    "learningRate": 2e-4,
    "decayShare": 0.5,
    "beta1": 0.5,
    "beta2": 0.999,
    "batchSize": 1,
    "seed": 1,
    "preprocess": "resize_and_crop",
    "loadSizePx": None,
    "cropSizePx": 256,
    "flip": True,
    "direction": "AtoB",
    "lambdaL1": 100.0,
    "ganLoss": "vanilla",
    "netG": "auto",
    "ngf": 64,
    "upsampling": "transposed",
    "dropout": True,
    "ndf": 64,
    "nLayersD": 3,
    "norm": "batch",
    "translateNorm": "running",
    "init": "normal",
    "initGain": 0.02,
    "checkpointEvery": 500,
}
# Options of a run that do not change what is compared: PyTorch learns in float32, as runs do unless asked otherwise.
IGNORED = {"sampleEvery", "sampleCount", "diskBudgetGb", "precision"}
NORM_MODES = ("batch", "running")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    options = with_published_net(read_options(arguments.config, DEFAULTS))
    for name in ("steps", "seed"):
        if getattr(arguments, name) is not None:
            options[name] = getattr(arguments, name)
    print(json.dumps(compare(arguments.project, options)))


def read_options(config: Path, defaults: dict) -> dict:
    """A run's options over the defaults; what does not change what is learned is left out."""
    given = json.loads(config.read_text())
    if "options" in given:
        given = given["options"] | {"steps": given["steps"]}
    given = {name: value for name, value in given.items() if name not in IGNORED}
    unknown = given.keys() - defaults.keys()
    if unknown:
        raise SystemExit(f"{config}: unknown options {', '.join(sorted(unknown))}.")
    return defaults | given


def with_published_net(options: dict) -> dict:
    if options["netG"] == "auto":
        fitting = [side for side in (256, 128, 64, 32, 16) if options["cropSizePx"] % side == 0]
        options["netG"] = f"unet_{fitting[0]}" if fitting else "resnet_9blocks"
    if options["upsampling"] != "transposed":
        raise SystemExit("The published U-Net has transposed convolutions: set upsampling to transposed to compare.")
    return options


def compare(project: Path, options: dict) -> dict:
    torch.manual_seed(options["seed"])
    pairs, validation, test = (read_pairs(project, split, options["direction"]) for split in ("train", "val", "test"))
    validation, test = ([held_out(pair, options) for pair in held] for held in (validation, test))
    steps = options["steps"] or options["epochs"] * math.ceil(len(pairs) / options["batchSize"])
    model = make_model(options, pairs[0])
    started = time.monotonic()
    best = train(model, pairs, validation, options, steps)
    scores = {}
    for mode, (least, step, weights) in best.items():
        load_state(model.netG, weights)
        scores[mode] = {"step": step, "validationL1": least} | score(model.netG, test, mode)
    return {
        "torch": torch.__version__,
        "steps": steps,
        "seed": options["seed"],
        "trainingSeconds": round(time.monotonic() - started, 1),
        "testPictures": len(test),
        "chosen": options["translateNorm"],
        "scores": scores,
    }


def make_model(options: dict, pair: Pair) -> Pix2Pix:
    channels = [len(picture.getbands()) for picture in pair]
    names = Settings.__dataclass_fields__.keys() & options.keys()
    settings = Settings(inputNc=channels[0], outputNc=channels[1], **{name: options[name] for name in names})
    model = Pix2Pix(settings, fused=True)
    for net in (model.netG, model.netD):
        init_weights(net, options["init"], options["initGain"])
        net.to(memory_format=torch.channels_last)
    return model


def decay(step: int, steps: int, share: float) -> float:
    """As src/core/training/schedule.ts: held first, then linear to zero."""
    falling = round(steps * share)
    return 1 - max(0, step - (steps - falling)) / (falling + 1)


def train(
    model: Pix2Pix, pairs: list[Pair], validation: list[tuple[Tensor, Tensor]], options: dict, steps: int
) -> dict[str, tuple[float, int, dict[str, Tensor]]]:
    """By norm mode: the best validation L1, its step and the generator's state then."""
    draw = random.Random(options["seed"])
    queue: list[Pair] = []
    best: dict[str, tuple[float, int, dict[str, Tensor]]] = {}
    for step in range(1, steps + 1):
        rate = options["learningRate"] * decay(step, steps, options["decayShare"])
        for optimizer in (model.optimizerG, model.optimizerD):
            optimizer.param_groups[0]["lr"] = rate
        batch = []
        while len(batch) < options["batchSize"]:
            queue = queue or draw.sample(pairs, len(pairs))
            batch.append(augment(queue.pop(), options, draw))
        realA, realB = (torch.cat(side).to(memory_format=torch.channels_last) for side in zip(*batch, strict=True))
        losses = model.step(realA, realB)
        if step % 50 == 0:
            shown = " ".join(f"{name} {value.item():.3f}" for name, value in losses.items() if name != "fakeB")
            print(f"step {step} of {steps}: {shown}", file=sys.stderr)
        if step % options["checkpointEvery"] == 0 or step == steps:
            for mode in NORM_MODES:
                found = score(model.netG, validation, mode)["l1"]
                if mode not in best or found < best[mode][0]:
                    best[mode] = (found, step, state(model.netG))
    return best


def score(net: nn.Module, pairs: list[tuple[Tensor, Tensor]], mode: str) -> dict[str, float]:
    """Mean L1 and SSIM in [0,1] over pictures translated one by one, without dropout."""
    set_translating(net, mode)
    found = []
    with torch.no_grad():
        for a, b in pairs:
            made, real = to_unit(net(a.to(memory_format=torch.channels_last))), to_unit(b)
            found.append((l1(made, real), ssim(made, real)))
    set_training(net)
    return {name: sum(values) / len(found) for name, values in zip(("l1", "ssim"), zip(*found), strict=True)}


def set_translating(net: nn.Module, mode: str) -> None:
    """Dropout off; batch norm by the picture's own statistics (which must not leak into the running ones) or running."""
    net.eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and mode == "batch":
            module.train()
            module.track_running_stats = False


def set_training(net: nn.Module) -> None:
    net.train()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.track_running_stats = True


if __name__ == "__main__":
    main()
