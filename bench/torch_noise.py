"""GAN, WGAN and WGAN-GP by convolutions in PyTorch, written from the papers: what the benchmark compares with.

Convolutions: Radford, Metz, Chintala 2016. WGAN: Arjovsky, Chintala, Bottou 2017, with Adam for RMSProp as the engine has
it. WGAN-GP: Gulrajani et al. 2017.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import counters
from torch_adversary import Adam, Adversary, Draws, Losses, score, slope_penalty
from torch_networks import Layer, make_norm

CHANNELS = 3


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options; defaults are those of the recipe gan."""

    cropSizePx: int = 32
    latent: int = 100
    ngf: int = 64
    ndf: int = 64
    normD: str = "batch"
    ganLoss: str = "vanilla"
    judgeRounds: int = 1
    clipWeights: float = 0.0
    lambdaGP: float = 0.0
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


DEFAULTS = {
    "gan": Settings(),
    "wgan": Settings(
        ganLoss="wgan", judgeRounds=5, clipWeights=0.01, learningRate=5e-5, beta1=0.0, beta2=0.99
    ),
    "wgan-gp": Settings(
        ganLoss="wgan", normD="none", judgeRounds=5, lambdaGP=10.0, learningRate=1e-4, beta1=0.0, beta2=0.9
    ),
}


class Dense(Layer):
    """[N,inputs] to [N,outputs] by a linear layer. Kept as a 1 x 1 convolution, to be named and laid out as others are.

    Its norm and its bias are of so many channels, which come last among the outputs.
    """

    def __init__(self, inputs: int, outputs: int, channels: int, norm: str = "none") -> None:
        nn.Module.__init__(self)
        self.conv = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm = make_norm(norm, channels)
        if norm != "batch":
            self.conv.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Only where every output is a channel: whoever needs a picture takes `product`."""
        return F.linear(x, self.conv.weight.flatten(1), self.conv.bias)

    def product(self, x: Tensor, side: int, gain: float = 1.0) -> Tensor:
        """[N,channels,side,side], without bias and norm; the weights times a gain."""
        weight = self.conv.weight.flatten(1)
        made = F.linear(x, weight if gain == 1.0 else weight * gain)
        # Contiguous, so that the layout of the weights behind decides the layout of everything.
        return made.unflatten(1, (side, side, -1)).permute(0, 3, 1, 2).contiguous()


def in_rows(x: Tensor) -> Tensor:
    """[N,C,H,W] to [N,H W C], in the engine's order."""
    return x.permute(0, 2, 3, 1).flatten(1)


def doublings(size_px: int) -> int:
    """How often 4 to 7 px are doubled to give this side."""
    return next(count for count in range(1, 9) if 4 <= size_px / 2**count < 8)


def width_at(base: int, layer: int) -> int:
    return base * min(2**layer, 8)


class Generator(nn.Module):
    """[N,latent] to [N,3,S,S] in [-1,1] by transposed 4x4 stride-2 convolutions; `up1` is the outermost."""

    def __init__(self, size_px: int, latent: int, ngf: int) -> None:
        super().__init__()
        self.count = doublings(size_px)
        self.side = size_px // 2**self.count
        inner = width_at(ngf, self.count - 1)
        self.project = Dense(latent, self.side**2 * inner, inner, "batch")
        for i in range(self.count, 0, -1):
            sizes = (width_at(ngf, i - 1), CHANNELS if i == 1 else width_at(ngf, i - 2))
            layer = Layer(
                nn.ConvTranspose2d, sizes, "none" if i == 1 else "batch", i == 1, kernel_size=4, stride=2, padding=1
            )
            self.add_module(f"up{i}", layer)

    def forward(self, codes: Tensor) -> Tensor:
        h = F.relu(self.project.norm(self.project.product(codes, self.side)), inplace=True)
        for i in range(self.count, 1, -1):
            h = F.relu(getattr(self, f"up{i}")(h), inplace=True)
        return torch.tanh(self.up1(h))


class Judge(nn.Module):
    """[N,3,S,S] to logits [N,1] by 4x4 stride-2 convolutions; `layer1` sees the picture, without a norm."""

    def __init__(self, size_px: int, ndf: int, norm: str) -> None:
        super().__init__()
        self.count = doublings(size_px)
        for i in range(1, self.count + 1):
            sizes = (CHANNELS if i == 1 else width_at(ndf, i - 2), width_at(ndf, i - 1))
            own_norm = "none" if i == 1 else norm
            layer = Layer(nn.Conv2d, sizes, own_norm, own_norm != "batch", kernel_size=4, stride=2, padding=1)
            self.add_module(f"layer{i}", layer)
        self.verdict = Dense((size_px // 2**self.count) ** 2 * width_at(ndf, self.count - 1), 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(1, self.count + 1):
            x = F.leaky_relu(getattr(self, f"layer{i}")(x), 0.2, inplace=True)
        return self.verdict(in_rows(x))


class Noise(Adversary):
    """The three recipes. Draws of a round: `codes` and `codesG` [N,latent], `between` [N,1,1,1]."""

    def __init__(self, settings: Settings, fused: bool = False) -> None:
        s = self.settings = settings
        self.netG = Generator(s.cropSizePx, s.latent, s.ngf)
        self.netD = Judge(s.cropSizePx, s.ndf, s.normD)
        self.begin(Adam(s.learningRate, s.beta1, s.beta2), s.judgeRounds, fused)

    def draw(self, count: int) -> Draws:
        codes = {name: torch.randn(count, self.settings.latent) for name in ("codes", "codesG")}
        return codes | {"between": torch.rand(count, 1, 1, 1)}

    def draw_as_engine(self, count: int, seed: int, step: int, _round: int) -> Draws:
        codes = {
            name: torch.tensor(counters.codes(self.settings.latent, count, seed, f"noise.{name}", step))
            for name in ("codes", "codesG")
        }
        between = torch.tensor(counters.shares(count, seed, "noise.between", step))
        return codes | {"between": between[:, None, None, None]}

    def make(self, _real: Tensor, draws: Draws, codes: str) -> Tensor:
        return self.netG(draws[codes])

    def judging(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        s = self.settings
        on_fake, on_real = score(s.ganLoss, self.netD(made), False), score(s.ganLoss, self.netD(real), True)
        total = on_fake + on_real
        losses = {"C_distance": -total} if s.ganLoss == "wgan" else {"D_fake": on_fake, "D_real": on_real}
        if s.lambdaGP > 0:
            losses["C_GP"] = s.lambdaGP * slope_penalty(self.netD, real, made, draws["between"])
            total = total + losses["C_GP"]
        return losses, total

    def fooling(self, _real: Tensor, made: Tensor, _draws: Draws) -> tuple[Losses, Tensor]:
        loss = score(self.settings.ganLoss, self.netD(made), True)
        return {"G_GAN": loss}, loss

    def after_judge(self) -> None:
        most = self.settings.clipWeights
        if most > 0:
            with torch.no_grad():
                for parameter in self.netD.parameters():
                    parameter.clamp_(-most, most)
