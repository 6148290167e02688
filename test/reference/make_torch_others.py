"""Makes torch/others/: what people hand to `diptych import` in place of a generator's weights. `python test/reference/make_torch_others.py`

(packages: bench/requirements.txt) As PyTorch saves it: judges, CUT's netF, an optimizer's state, a whole network, a program of
TorchScript. All names and shapes are those of pytorch-CycleGAN-and-pix2pix and CUT; sizes are tiny.
"""

import zipfile
from pathlib import Path

import torch
from torch import nn

import fixtures
from fixtures import HERE
from make_torch_files import Outer, resnet

FOLDER = HERE / "torch" / "others"


def main() -> None:
    fixtures.begin()
    torch.manual_seed(7)
    FOLDER.mkdir(exist_ok=True)
    generator = Outer(resnet(3, 3, 1, 2, "instance", False, False, False))
    optimizer = torch.optim.Adam(generator.parameters())
    generator(torch.rand(1, 3, 8, 8)).sum().backward()
    optimizer.step()
    save("pixel_net_D", {f"net.{key}": value for key, value in pixel_judge().state_dict().items()})
    save("stylegan2_net_D", named({"convs.0.0.weight": [2, 3, 1, 1], "final_conv.0.weight": [2, 2, 3, 3], "final_linear.0.weight": [1, 2, 3, 3]}))
    save("net_F", {f"mlp_{k}.{key}": value for k in range(2) for key, value in projection().state_dict().items()})
    strided = {f"child_2_16.{key}": value for key, value in nn.Sequential(nn.Conv2d(2, 4, 3)).state_dict().items()}
    save("strided_net_F", strided)
    torch.save(strided, FOLDER / "strided_net_F-legacy.pth", _use_new_zipfile_serialization=False)
    save("coded_net_G", named({"enc_content.model.0.conv.weight": [2, 3, 7, 7], "dec.resnet_block.model.0.model.0.conv.weight": [8, 12, 3, 3]}))
    save("optimizer", optimizer.state_dict())
    save("module", generator)
    save_program(torch.jit.trace(generator, torch.rand(1, 3, 8, 8)), FOLDER / "script.pt")
    torch.onnx.export(generator, (torch.rand(1, 3, 8, 8),), str(FOLDER / "network.onnx"), dynamo=False)


def save(name: str, value: object) -> None:
    torch.save(value, FOLDER / f"{name}.pth")


def save_program(program: torch.jit.ScriptModule, path: Path) -> None:
    """Without the notes for debuggers, which hold paths of this machine."""
    program.save(str(path))
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist() if not name.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w") as lean:
        for name, content in parts.items():
            lean.writestr(zipfile.ZipInfo(name), content)


def named(shapes: dict[str, list[int]]) -> dict[str, torch.Tensor]:
    return {name: torch.zeros(shape) for name, shape in shapes.items()}


def pixel_judge() -> nn.Module:
    first = [nn.Conv2d(3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(2, 4, 1, bias=False)]
    return nn.Sequential(*first, nn.BatchNorm2d(4), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 1, bias=False))


def projection() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4))


if __name__ == "__main__":
    main()
