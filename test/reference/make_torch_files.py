"""Makes the .pth files in torch/: `python test/reference/make_torch_files.py` (packages: bench/requirements.txt).

Networks whose modules follow one another as those of pytorch-CycleGAN-and-pix2pix and CUT do, since the numbers of modules in
nn.Sequential are the names in their checkpoints. Written from those projects' published checkpoints' names and shapes and the
papers; small widths, weights far from their initial values. Beside each .pth lie an input and what the network makes of it
in evaluation mode.
"""

import json

import torch
from torch import Tensor, nn

import fixtures
from fixtures import HERE, smooth_picture, write
from torch_cut_networks import resnet_cat, style_translator
from torch_networks import to_nchw, to_nhwc

FOLDER = HERE / "torch"


def main() -> None:
    fixtures.begin()
    FOLDER.mkdir(exist_ok=True)
    manifest = {"versions": fixtures.versions(), "files": [make(i, **case) for i, case in enumerate(cases())]}
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def cases() -> list[dict]:
    resnet = {"family": "resnet", "depth": 2, "width": 3}
    unet = {"family": "unet", "depth": 5, "width": 2}
    patch = {"family": "patch", "depth": 3, "width": 4}
    norms = ("batch", "instance", "none")
    return [
        *({**resnet, "name": f"resnet-{norm}", "norm": norm} for norm in norms),
        {**resnet, "name": "resnet-dropout", "norm": "batch", "dropout": True},
        {**resnet, "name": "resnet-antialiased", "norm": "instance", "down": True, "up": True},
        {**resnet, "name": "resnet-antialiased-down", "norm": "instance", "down": True},
        {**resnet, "name": "resnet-legacy", "norm": "instance", "legacy": True},
        {**resnet, "name": "resnet-wrapped", "norm": "batch", "wrapped": True, "dropout": True},
        *({**unet, "name": f"unet-{norm}", "norm": norm} for norm in norms),
        {**unet, "name": "unet-legacy", "norm": "batch", "dropout": True, "legacy": True},
        *({**patch, "name": f"patch-{norm}", "norm": norm} for norm in norms),
        {**patch, "name": "patch-antialiased", "norm": "instance", "down": True},
        {"name": "resnet-cat", "family": "resnet_cat", "depth": 2, "width": 3},
        {"name": "stylegan2", "family": "stylegan2", "depth": 6, "width": [4, 6]},
        {"name": "stylegan2-small", "family": "stylegan2", "depth": 2, "width": [3, 5, 5]},
    ]


def make(
    index: int,
    name: str,
    family: str,
    depth: int,
    width: int | list[int],
    norm: str = "instance",
    dropout: bool = False,
    down: bool = False,
    up: bool = False,
    legacy: bool = False,
    wrapped: bool = False,
) -> dict:
    torch.manual_seed(100 + index)
    sizes = (6, 1) if family == "patch" else (3, 3)
    if family == "resnet":
        net = Outer(resnet(*sizes, depth, width, norm, dropout, down, up))
    elif family == "unet":
        net = Outer(unet(*sizes, depth, width, norm, dropout))
    elif family == "resnet_cat":
        net = resnet_cat(*sizes, depth, width)
    elif family == "stylegan2":
        net = style_translator(*sizes, depth, width)
    else:
        net = Outer(patch(sizes[0], depth, width, norm, down))
    scatter(net)
    net.eval()
    x = smooth_picture(1)
    if family == "patch":
        x = torch.cat([x, smooth_picture(1)], dim=3)
    with torch.no_grad():
        y = to_nhwc(net(to_nchw(x)))
    saved = net.state_dict()
    if wrapped:
        saved = {"epoch": 3, "state_dict": {f"module.{key}": value for key, value in saved.items()}}
    torch.save(saved, FOLDER / f"{name}.pth", _use_new_zipfile_serialization=not legacy)
    write(f"torch/{name}", {"input": x, "output": y})
    return {"name": name, "family": family, "depth": depth, "width": width, "norm": norm, "dropout": dropout}


class Outer(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class Blur(nn.Module):
    """CUT's filter buffers, as its checkpoints hold them; applied as its networks apply them."""

    def __init__(self, channels: int, taps: list[float], grow: bool) -> None:
        super().__init__()
        row = torch.tensor(taps)
        kernel = torch.outer(row, row) / row.sum() ** 2 * (4 if grow else 1)
        self.register_buffer("filt", kernel[None, None].repeat(channels, 1, 1, 1))
        self.grow = grow

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        if not self.grow:
            return nn.functional.conv2d(nn.functional.pad(x, (1, 1, 1, 1), "reflect"), self.filt, stride=2, groups=channels)
        x = nn.functional.pad(x, (1, 1, 1, 1), "replicate")
        y = nn.functional.conv_transpose2d(x, self.filt, stride=2, padding=2, groups=channels)
        return y[:, :, 1:, 1:][:, :, :-1, :-1]


def make_norm(norm: str, channels: int) -> nn.Module:
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    return nn.InstanceNorm2d(channels) if norm == "instance" else nn.Identity()


def resnet(inputs: int, outputs: int, blocks: int, ngf: int, norm: str, dropout: bool, down: bool, up: bool) -> nn.Module:
    bias = norm == "instance"
    layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, ngf, 7, bias=bias), make_norm(norm, ngf), nn.ReLU()]
    for width in (ngf, 2 * ngf):
        stride = 1 if down else 2
        layers += [nn.Conv2d(width, 2 * width, 3, stride, 1, bias=bias), make_norm(norm, 2 * width), nn.ReLU()]
        if down:
            layers.append(Blur(2 * width, [1, 2, 1], grow=False))
    layers += [Block(4 * ngf, norm, dropout) for _ in range(blocks)]
    for width in (4 * ngf, 2 * ngf):
        if up:
            layers += [Blur(width, [1, 3, 3, 1], grow=True), nn.Conv2d(width, width // 2, 3, 1, 1, bias=bias)]
        else:
            layers.append(nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1, bias=bias))
        layers += [make_norm(norm, width // 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(ngf, outputs, 7), nn.Tanh())


class Block(nn.Module):
    def __init__(self, width: int, norm: str, dropout: bool) -> None:
        super().__init__()
        bias = norm == "instance"
        conv = lambda: [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=bias), make_norm(norm, width)]  # noqa: E731
        self.conv_block = nn.Sequential(*conv(), nn.ReLU(), *([nn.Dropout(0.5)] if dropout else []), *conv())

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class Skip(nn.Module):
    """A level of the U-Net, with the next one inside; what it is given is joined to what it gives, but for the outermost."""

    def __init__(self, layers: list[nn.Module], outermost: bool) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)
        self.outermost = outermost

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


def unet(inputs: int, outputs: int, downs: int, ngf: int, norm: str, dropout: bool) -> nn.Module:
    bias = norm == "instance"
    width = [ngf * min(2**i, 8) for i in range(downs)]
    inner: nn.Module | None = None
    for i in reversed(range(downs)):
        above = inputs if i == 0 else width[i - 1]
        conv = nn.Conv2d(above, width[i], 4, 2, 1, bias=bias)
        given = width[i] * (1 if inner is None else 2)
        back = nn.ConvTranspose2d(given, outputs if i == 0 else above, 4, 2, 1, bias=bias or i == 0)
        # Not in place: what is joined must stay as it was.
        if i == 0:
            layers = [conv, inner, nn.ReLU(), back, nn.Tanh()]
        elif inner is None:
            layers = [nn.LeakyReLU(0.2), conv, nn.ReLU(), back, make_norm(norm, above)]
        else:
            layers = [nn.LeakyReLU(0.2), conv, make_norm(norm, width[i]), inner, nn.ReLU(), back, make_norm(norm, above)]
            if dropout and width[i] == width[i - 1] == 8 * ngf:
                layers.append(nn.Dropout(0.5))
        inner = Skip(layers, i == 0)
    assert inner is not None
    return inner


def patch(inputs: int, depth: int, ndf: int, norm: str, antialiased: bool) -> nn.Module:
    bias = norm == "instance"
    stride = 1 if antialiased else 2
    blur = lambda width: [Blur(width, [1, 2, 1], grow=False)] if antialiased else []  # noqa: E731
    layers: list[nn.Module] = [nn.Conv2d(inputs, ndf, 4, stride, 1), nn.LeakyReLU(0.2), *blur(ndf)]
    width = ndf
    for i in range(1, depth + 1):
        last, width = width, ndf * min(2**i, 8)
        conv = nn.Conv2d(last, width, 4, stride if i < depth else 1, 1, bias=bias)
        layers += [conv, make_norm(norm, width), nn.LeakyReLU(0.2), *(blur(width) if i < depth else [])]
    return nn.Sequential(*layers, nn.Conv2d(width, 1, 4, 1, 1))


def scatter(net: nn.Module) -> None:
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.weight.normal_(0, 0.15)
                if module.bias is not None:
                    module.bias.normal_(0, 0.2)
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.6, 1.4)
                module.bias.normal_(0, 0.2)
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 1.5)


if __name__ == "__main__":
    main()
