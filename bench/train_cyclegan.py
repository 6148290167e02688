"""Trains PyTorch's CycleGAN on one of our unpaired projects with a run's own options, and scores withheld pairs once.

    python bench/train_cyclegan.py PROJECT --config runs/run-001/config.json [--steps 200] [--seed 1]

The counterpart of train_pix2pix.py: networks, losses, pools, initialisation, augmentation rule, schedule and number of steps
are the run's; the random draws are PyTorch's own. The checkpoint is picked on the withheld validation pairs, by L1.
Prints one JSON object; progress goes to standard error.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from torch_cyclegan import CycleGan, Decide, Settings
from torch_networks import init_weights, load_state, state
from torch_pictures import augment, held_out, read_pairs, read_sides
from train_pix2pix import DEFAULTS as PIX2PIX, decay, read_options, score

DEFAULTS = {name: value for name, value in PIX2PIX.items() if name != "lambdaL1"} | {
    "ganLoss": "lsgan",
    "netG": "auto",
    "dropout": False,
    "norm": "instance",
    "lambdaA": 10.0,
    "lambdaB": 10.0,
    "lambdaIdentity": 0.5,
    "poolSize": 50,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    options = read_options(arguments.config, DEFAULTS)
    for name in ("steps", "seed"):
        if getattr(arguments, name) is not None:
            options[name] = getattr(arguments, name)
    if options["netG"] == "auto":
        options["netG"] = "resnet_9blocks" if options["cropSizePx"] >= 256 else "resnet_6blocks"
    print(json.dumps(compare(arguments.project, options)))


def compare(project: Path, options: dict) -> dict:
    torch.manual_seed(options["seed"])
    sides = read_sides(project, "train", options["direction"])
    validation, test = (
        [held_out(pair, options) for pair in read_pairs(project, split, options["direction"])] for split in ("val", "test")
    )
    model = make_model(options, [len(side[0].getbands()) for side in sides])
    started = time.monotonic()
    least, step, weights = train(model, sides, validation, options)
    load_state(model.netG_A, weights)
    return {
        "torch": torch.__version__,
        "steps": options["steps"],
        "seed": options["seed"],
        "trainingSeconds": round(time.monotonic() - started, 1),
        "testPictures": len(test),
        "step": step,
        "validationL1": least,
    } | score(model.netG_A, test, options["translateNorm"])


def pool_rule(size: int, seed: int) -> Decide:
    """As published: fill, then swap half of the time."""
    draw = random.Random(seed)

    def decide(position: int) -> tuple[bool, int | None]:
        if position < size:
            return False, position
        return (True, draw.randrange(size)) if size > 0 and draw.random() > 0.5 else (False, None)

    return decide


def make_model(options: dict, channels: list[int]) -> CycleGan:
    names = Settings.__dataclass_fields__.keys() & options.keys()
    settings = Settings(inputNc=channels[0], outputNc=channels[1], **{name: options[name] for name in names})
    rules = [pool_rule(settings.poolSize, 2 * options["seed"] + side) for side in (0, 1)]
    model = CycleGan(settings, *rules, fused=True)
    for net in model.networks().values():
        init_weights(net, options["init"], options["initGain"])
    return model


def endless(pictures: list[Image.Image], options: dict, draw: random.Random):
    """Batches of one side: shuffled anew every epoch, each picture cropped and flipped by draws of its own."""
    queue: list[Image.Image] = []
    while True:
        batch = []
        while len(batch) < options["batchSize"]:
            queue = queue or draw.sample(pictures, len(pictures))
            batch.append(augment((queue.pop(),), options, draw)[0])
        yield torch.cat(batch)


def train(
    model: CycleGan, sides: list[list[Image.Image]], validation: list[tuple[Tensor, Tensor]], options: dict
) -> tuple[float, int, dict[str, Tensor]]:
    """The best validation L1, its step and the generator's state then."""
    batches = zip(*(endless(side, options, random.Random(2 * options["seed"] + n)) for n, side in enumerate(sides)))
    best: tuple[float, int, dict[str, Tensor]] | None = None
    steps = options["steps"]
    for step in range(1, steps + 1):
        for optimizer in (model.optimizerG, model.optimizerD):
            optimizer.param_groups[0]["lr"] = options["learningRate"] * decay(step, steps, options["decayShare"])
        losses = model.step(*next(batches))
        if step % 50 == 0:
            shown = " ".join(f"{name} {value.item():.3f}" for name, value in losses.items() if not name.startswith("fake"))
            print(f"step {step} of {steps}: {shown}", file=sys.stderr, flush=True)
        if step % options["checkpointEvery"] == 0 or step == steps:
            found = score(model.netG_A, validation, options["translateNorm"])["l1"]
            if best is None or found < best[0]:
                best = (found, step, state(model.netG_A))
    return best


if __name__ == "__main__":
    main()
