"""CUT's --netG resnet_cat, stylegan2 and smallstylegan2 for make_torch_files.py, under the names that their checkpoints have.

Written from the names and shapes of those checkpoints and from the papers: MUNIT (Huang et al. 2018) for the first, StyleGAN2
(Karras et al. 2020) for the others.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def resnet_cat(inputs: int, outputs: int, blocks: int, ngf: int) -> nn.Module:
    net = nn.Module()
    content = nn.Module()
    content.model = nn.Sequential(
        Conv(inputs, ngf, 7, 1, 3, "instance"),
        Conv(ngf, 2 * ngf, 4, 2, 1, "instance"),
        Conv(2 * ngf, 4 * ngf, 4, 2, 1, "instance"),
        blocks_of(4 * ngf, blocks),
    )
    decoder = nn.Module()
    decoder.model = nn.Sequential(
        blocks_of(4 * ngf, blocks),
        nn.UpsamplingNearest2d(scale_factor=2),
        Conv(4 * ngf, 2 * ngf, 5, 1, 2, "layer"),
        nn.UpsamplingNearest2d(scale_factor=2),
        Conv(2 * ngf, ngf, 5, 1, 2, "layer"),
        Conv(ngf, outputs, 7, 1, 3, "none", nn.Tanh()),
    )
    net.enc_content, net.dec = content, decoder
    net.forward = lambda x: decoder.model(content.model(x))
    return net


def blocks_of(width: int, count: int) -> nn.Module:
    group = nn.Module()
    group.model = nn.Sequential(*(Residual(width) for _ in range(count)))
    group.forward = group.model.forward
    return group


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        first = Conv(width, width, 3, 1, 1, "instance")
        self.model = nn.Sequential(first, Conv(width, width, 3, 1, 1, "instance", nn.Identity()))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.model(x)


class Conv(nn.Module):
    def __init__(self, inputs: int, outputs: int, size: int, stride: int, padding: int, norm: str, end: nn.Module | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride)
        self.padding = [padding] * 4
        if norm == "layer":
            self.norm = WholeNorm(outputs)
        else:
            self.norm = nn.InstanceNorm2d(outputs) if norm == "instance" else nn.Identity()
        self.end = end or nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.norm(self.conv(functional.pad(x, self.padding, "reflect"))))


class WholeNorm(nn.Module):
    """One mean and one spread (unbiased, epsilon added to it) for all of a picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(channels).uniform_(0.5, 1.5))
        self.beta = nn.Parameter(torch.empty(channels).normal_(0, 0.2))

    def forward(self, x: Tensor) -> Tensor:
        spread, mean = torch.std_mean(x, dim=(1, 2, 3), keepdim=True)
        return (x - mean) / (spread + 1e-5) * self.gamma[:, None, None] + self.beta[:, None, None]


def style_translator(inputs: int, outputs: int, blocks: int, widths: list[int]) -> nn.Module:
    net = nn.Module()
    steps = list(zip(widths, widths[1:], strict=False))
    same = lambda: [StyleBlock(widths[-1], widths[-1], halve=False) for _ in range(blocks // 2)]  # noqa: E731
    net.encoder, net.decoder = nn.Module(), nn.Module()
    net.encoder.convs = nn.Sequential(
        nn.Identity(),
        equal(inputs, widths[0], 1),
        *(StyleBlock(near, far, halve=True) for near, far in steps),
        *same(),
    )
    net.decoder.convs = nn.Sequential(
        *same(),
        *(Doubling(far, near) for near, far in reversed(steps)),
        equal(widths[0], outputs, 1),
    )
    net.forward = lambda x: net.decoder.convs(net.encoder.convs(x))
    return net


class Spread(nn.Module):
    """[1 3 3 1] both ways over zeros beyond the edges."""

    def __init__(self, before: int, after: int, gain: int = 1) -> None:
        super().__init__()
        row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        self.register_buffer("kernel", gain * torch.outer(row, row))
        self.edge = [before, after, before, after]

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        return functional.conv2d(functional.pad(x, self.edge), self.kernel.expand(channels, 1, 4, 4), groups=channels)


class Equal(nn.Module):
    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.how = {"stride": stride, "padding": padding}

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight / math.sqrt(self.weight[0].numel()), **self.how)


class Leaky(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.randn(1, channels, 1, 1) * 0.3)

    def forward(self, x: Tensor) -> Tensor:
        return math.sqrt(2) * functional.leaky_relu(x + self.bias, 0.2)


def equal(inputs: int, outputs: int, size: int, halve: bool = False) -> nn.Sequential:
    if halve:
        return nn.Sequential(Spread(2, 2), Equal(inputs, outputs, size, stride=2), Leaky(outputs))
    return nn.Sequential(Equal(inputs, outputs, size, padding=size // 2), Leaky(outputs))


class StyleBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, halve: bool) -> None:
        super().__init__()
        self.conv1 = equal(inputs, inputs, 3)
        self.conv2 = equal(inputs, outputs, 3, halve)
        self.skip = nn.Sequential(Spread(1, 1), Equal(inputs, outputs, 1, stride=2)) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2)


class Doubling(nn.Module):
    """Without its grain, whose strength it keeps: that is drawn at random, and its mean is none."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Module()
        self.conv.weight = nn.Parameter(torch.randn(1, outputs, inputs, 3, 3))
        self.conv.blur = Spread(1, 1, gain=4)
        self.noise = nn.Module()
        self.noise.weight = nn.Parameter(torch.randn(1))
        self.activate = Leaky(outputs)

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.conv.weight[0] / math.sqrt(self.conv.weight[0, 0].numel())
        kernel = kernel / torch.sqrt(kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8)
        return self.activate(self.conv.blur(functional.conv_transpose2d(x, kernel.transpose(0, 1), stride=2)))
