"""Makes restore.safetensors: `python test/reference/make_restore.py` (packages: bench/requirements.txt, scikit-image).

Residual networks in PyTorch, written apart from the engine's: forward passes and the gradients of a weighted sum of the
output; bicubic enlarging by torch; CIE Lab by scikit-image. README.md says what every name means.
"""

import numpy as np
import torch
import torch.nn.functional as F
from skimage import color
from torch import Tensor, nn

import fixtures  # first: it makes bench/ importable
from fixtures import prefixed, write
from torch_networks import to_nhwc

# inputs, outputs, blocks, scale
CASES = [(3, 3, 2, 1), (3, 3, 1, 2), (3, 3, 1, 3), (1, 3, 1, 2), (1, 2, 2, 1)]
WIDTH = 5


def enlarge(x: Tensor, scale: int) -> Tensor:
    """torch's `antialias` has the cubic with a = -0.5 and, enlarging, changes nothing else; edges are repeated by hand."""
    if scale == 1:
        return x
    padded = F.pad(x, (3, 3, 3, 3), mode="replicate")
    large = F.interpolate(padded, scale_factor=scale, mode="bicubic", align_corners=False, antialias=True)
    rim = 3 * scale
    return large[:, :, rim:-rim, rim:-rim]


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.inputs, self.outputs, self.scale = inputs, outputs, scale
        self.stem = nn.Conv2d(inputs, WIDTH, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.ModuleList([nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.Conv2d(WIDTH, WIDTH, 3, padding=1)])
            for _ in range(blocks)
        )
        self.tail = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.head = nn.Conv2d(WIDTH, outputs * scale**2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.stem(x)
        h = first
        for conv1, conv2 in self.blocks:
            h = h + conv2(F.relu(conv1(h)))
        made = F.pixel_shuffle(self.head(first + self.tail(h)), self.scale)
        if self.inputs == self.outputs or (self.inputs, self.outputs) == (1, 3):
            return made + enlarge(x, self.scale)
        return made

    def layers(self) -> dict[str, nn.Conv2d]:
        inner = {f"block{i + 1}.conv{k + 1}": conv for i, pair in enumerate(self.blocks) for k, conv in enumerate(pair)}
        return {"stem": self.stem, **inner, "tail": self.tail, "head": self.head}

    def named(self, of) -> dict[str, Tensor]:
        """Tensors by the engine's names and in its layout: [kh,kw,in,out], and channels of the head pixel by pixel."""
        found = {}
        for name, layer in self.layers().items():
            weight, bias = of(layer.weight), of(layer.bias)
            if name == "head":
                order = torch.arange(bias.numel()).reshape(self.outputs, self.scale**2).T.flatten()
                weight, bias = weight[order], bias[order]
            found |= {f"{name}.weight": weight.permute(2, 3, 1, 0), f"{name}.bias": bias}
        return found


def make_network(index: int, case: tuple[int, int, int, int]) -> dict[str, Tensor]:
    torch.manual_seed(400 + index)
    net = Residual(*case)
    with torch.no_grad():
        for value in net.parameters():
            value.normal_(0, 0.2)
    x = torch.rand(2, case[0], 7, 9) * 2 - 1
    output = net(x)
    probe = torch.randn(output.shape)
    (output * probe).sum().backward()
    tensors = {"input": to_nhwc(x), "output": to_nhwc(output), "probe": to_nhwc(probe)}
    tensors |= prefixed("net", net.named(lambda value: value.detach()))
    tensors |= prefixed("gradient", net.named(lambda value: value.grad))
    inputs, outputs, blocks, scale = case
    return prefixed(f"residual-{blocks}-{inputs}to{outputs}-x{scale}", tensors)


def make_bicubic() -> dict[str, Tensor]:
    torch.manual_seed(500)
    x = torch.rand(1, 3, 6, 5)
    return {"bicubic/input": to_nhwc(x)} | {f"bicubic/x{scale}": to_nhwc(enlarge(x, scale)) for scale in (2, 3, 4)}


def make_lab() -> dict[str, Tensor]:
    """`lab`: rgb2lab as it is, whose white (0.95047, 1, 1.08883) is not quite that of its own matrix, so that its greys are
    tinted by up to 0.006. `labOwnWhite`: the same functions with X and Z scaled to the matrix's own white."""
    steps = np.linspace(0, 1, 6)
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(1, -1, 3)
    rgb = np.concatenate([rgb, np.random.default_rng(1).random((1, 40, 3)) ** 3], 1)
    white = color.rgb2xyz(np.ones((1, 1, 3)))
    own = color.xyz2lab(color.rgb2xyz(rgb) / white * np.array([0.95047, 1.0, 1.08883]))
    return {
        "lab/rgb": torch.tensor(rgb[0]),
        "lab/lab": torch.tensor(color.rgb2lab(rgb)[0]),
        "lab/labOwnWhite": torch.tensor(own[0]),
    }


if __name__ == "__main__":
    fixtures.begin()
    tensors = make_bicubic() | make_lab()
    for index, case in enumerate(CASES):
        tensors |= make_network(index, case)
    write("restore", tensors)
