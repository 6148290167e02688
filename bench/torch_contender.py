"""PyTorch's side of `npm run bench`; scripts/bench.mjs starts one process a task and reads the JSON line it prints.

    torch_contender.py prepare DIR            writes given.safetensors (weights, batch) and expected.safetensors
    torch_contender.py step|forward DIR LAYOUT SAMPLES      times it; LAYOUT is contiguous or channels_last
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from torch_networks import gradients, init_weights, load_state, state, to_nchw, to_nhwc
from torch_pix2pix import Pix2Pix, Settings
from train_pix2pix import set_training, set_translating

SIZE_PX = 256
WARM_UP = 3
MATMUL = 2048
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def prepare(folder: Path) -> dict:
    """Published weights and a smooth random pair; the picture, losses and gradients of one step without dropout."""
    torch.manual_seed(1)
    model = Pix2Pix(Settings(dropout=False))
    init_weights(model.netG)
    init_weights(model.netD)
    coarse = torch.rand(2, 3, 32, 32) * 2 - 1
    pair = torch.nn.functional.interpolate(coarse, size=(SIZE_PX, SIZE_PX), mode="bilinear").clamp(-1, 1)
    realA, realB = pair[:1].contiguous(), pair[1:].contiguous()
    given = prefixed("netG", state(model.netG)) | prefixed("netD", state(model.netD))
    save_file(given | {"realA": to_nhwc(realA), "realB": to_nhwc(realB)}, folder / "given.safetensors")

    set_translating(model.netG, "batch")
    with torch.inference_mode():
        forward = model.netG(realA)
    set_training(model.netG)
    losses = model.step(realA, realB)
    losses.pop("fakeB")
    expected = prefixed("netG", gradients(model.netG)) | prefixed("netD", gradients(model.netD))
    save_file(expected | {"forward": to_nhwc(forward)}, folder / "expected.safetensors")
    return {"losses": {name: value.item() for name, value in losses.items()}}


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value for name, value in tensors.items()}


def measure(task: str, folder: Path, layout: str, samples: int) -> dict:
    given = load_file(folder / "given.safetensors")
    model = Pix2Pix(Settings(), fused=True)
    for prefix, net in (("netG", model.netG), ("netD", model.netD)):
        load_state(net, {name.removeprefix(f"{prefix}/"): t for name, t in given.items() if name.startswith(prefix)})
        net.to(memory_format=LAYOUTS[layout])
    realA, realB = (to_nchw(given[name]).contiguous(memory_format=LAYOUTS[layout]) for name in ("realA", "realB"))

    def step() -> None:
        losses = model.step(realA, realB)
        for name in ("G_GAN", "G_L1", "D_real", "D_fake"):
            losses[name].item()

    def forward() -> None:
        with torch.inference_mode():
            to_nhwc(model.netG(realA))

    if task == "forward":
        set_translating(model.netG, "batch")
    timing = timed(step if task == "step" else forward, samples)
    return timing | {
        "matmulGflops": matmul_gflops(),
        "versions": {"torch": torch.__version__, "threads": torch.get_num_threads()},
    }


def timed(run: Callable[[], None], samples: int) -> dict:
    for _ in range(WARM_UP):
        run()
    busy, own, began = busy_seconds(), time.process_time(), time.perf_counter()
    elapsed = []
    for _ in range(samples):
        start = time.perf_counter()
        run()
        elapsed.append((time.perf_counter() - start) * 1000)
    wall = time.perf_counter() - began
    others = (busy_seconds() - busy) - (time.process_time() - own)
    return {"medianMs": median(elapsed), "otherCores": max(0.0, others / wall)}


def busy_seconds() -> float:
    """CPU time that the whole machine has spent on anything (user, nice, system, interrupts, stolen)."""
    fields = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def matmul_gflops() -> float:
    a, b = torch.randn(MATMUL, MATMUL), torch.randn(MATMUL, MATMUL)
    best = float("inf")
    for _ in range(6):
        start = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - start)
    return 2 * MATMUL**3 / best / 1e9


def main() -> None:
    task, folder, *rest = sys.argv[1:]
    result = prepare(Path(folder)) if task == "prepare" else measure(task, Path(folder), rest[0], int(rest[1]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
