"""What the scripts that make the fixtures of this folder share. Importing it makes bench/ importable."""

import json
import platform
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy
import safetensors
import torch
from safetensors.torch import save_file
from torch import Tensor

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "bench"))

from torch_networks import gradients, state, to_nhwc  # noqa: E402
from torch_pix2pix import moments  # noqa: E402

STEPS = 3


def begin() -> None:
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)


def versions() -> dict[str, str]:
    return {
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "safetensors": safetensors.__version__,
        "python": platform.python_version(),
    }


def write_manifest(name: str, manifest: dict) -> None:
    (HERE / name).write_text(json.dumps(manifest, indent=2, allow_nan=False) + "\n")


def write(name: str, tensors: dict[str, Tensor]) -> str:
    file = f"{name}.safetensors"
    save_file({key: value.detach().to(torch.float32).contiguous() for key, value in tensors.items()}, HERE / file)
    return file


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value for name, value in tensors.items()}


def smooth_picture(batch: int) -> Tensor:
    """[N,32,32,3] in [-1,1]: blurred noise, since white noise has no structure that a generator could learn."""
    coarse = torch.rand(batch, 3, 8, 8) * 2 - 1
    fine = torch.nn.functional.interpolate(coarse, size=(32, 32), mode="bicubic", align_corners=False)
    return to_nhwc((fine + 0.1 * torch.randn_like(fine)).clamp(-1, 1))


# --- models that name their parts: networks(), optimizer_of(name)


def states(model: Any) -> dict[str, Tensor]:
    return {key: v for name, net in model.networks().items() for key, v in prefixed(name, state(net)).items()}


def all_gradients(model: Any) -> dict[str, Tensor]:
    found = {}
    for name, net in model.networks().items():
        found |= prefixed(f"{name}.gradient", gradients(net))
    return found


def states_and_moments(model: Any) -> dict[str, Tensor]:
    found = states(model)
    for name, net in model.networks().items():
        for slot, values in moments(net, model.optimizer_of(name)).items():
            found |= prefixed(f"{name}.adam.{slot}", values)
    return found


def in_float64(model: Any) -> Any:
    """The same model at the same point (moments too), computed in float64."""
    twin = deepcopy(model)
    for name, net in twin.networks().items():
        net.double()
        for slots in twin.optimizer_of(name).state.values():
            slots |= {key: slots[key].double() for key in ("exp_avg", "exp_avg_sq")}
    return twin


def greatest_error(float32: dict[str, Tensor], float64: dict[str, Tensor], without: list[str]) -> float:
    """The greatest distance of a float32 gradient from the float64 one, relative to the norm of that."""
    compared = [name for name in float32 if name.replace(".gradient", "") not in without]
    zero = [name for name in compared if float64[name].norm() == 0]
    if zero:
        raise ValueError(f"These learn nothing, so nothing would be compared: {', '.join(zero)}.")
    return max(((float32[n].double() - float64[n]).norm() / float64[n].norm()).item() for n in compared)
