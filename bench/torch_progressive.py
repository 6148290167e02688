"""The last stage of progressive growing (Karras, Aila, Laine, Lehtinen 2018) in PyTorch, while it is faded in."""

from dataclasses import dataclass
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import counters
from torch_adversary import Adam, Adversary, Draws, Losses, score, slope_penalty
from torch_networks import Layer
from torch_noise import CHANNELS, Dense, in_rows

FIRST_SIDE = 4
EPSILON = 1e-8
DRIFT = 0.001


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options, with the recipe's defaults."""

    cropSizePx: int = 64
    latent: int = 100
    ngf: int = 32
    lambdaGP: float = 10.0
    emaDecay: float = 0.99
    learningRate: float = 1e-3
    beta1: float = 0.0
    beta2: float = 0.99


def sides_to(size_px: int) -> list[int]:
    return [FIRST_SIDE * 2**k for k in range((size_px // FIRST_SIDE).bit_length())]


def width_at(side: int, ngf: int) -> int:
    return ngf * min(4, max(1, round(64 / side)))


class Scaled(Layer):
    """A convolution whose weights are scaled when they are used (section 4.1), as He et al. 2015 would have drawn them."""

    def __init__(self, inputs: int, outputs: int, kernel: int, gain: float = sqrt(2)) -> None:
        super().__init__(nn.Conv2d, (inputs, outputs), "none", True, kernel_size=kernel, padding=kernel // 2)
        self.factor = gain / sqrt(kernel**2 * inputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.conv.weight * self.factor, self.conv.bias, padding=self.conv.padding)


def pixel_norm(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + EPSILON)


def bent(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2, inplace=True)


class Generator(nn.Module):
    """[N,latent] to [N,3,S,S]: between the picture of the stage before, doubled, and that of the last stage."""

    def __init__(self, size_px: int, latent: int, ngf: int) -> None:
        super().__init__()
        self.sides, self.latent = sides_to(size_px), latent
        for side in self.sides:
            width = width_at(side, ngf)
            if side == FIRST_SIDE:
                block = {"dense": Dense(latent, FIRST_SIDE**2 * width, width), "conv": Scaled(width, width, 3)}
            else:
                before = width_at(side // 2, ngf)
                block = {"conv1": Scaled(before, width, 3), "conv2": Scaled(width, width, 3)}
            self.add_module(f"b{side}", nn.ModuleDict(block))
            self.add_module(f"rgb{side}", Scaled(width, CHANNELS, 1, gain=1.0))

    def forward(self, codes: Tensor, fade: float) -> Tensor:
        dense = self.b4["dense"]
        first = dense.product(pixel_norm(codes), FIRST_SIDE, gain=sqrt(2) / 4 / sqrt(self.latent))
        h = pixel_norm(bent(first + dense.conv.bias[:, None, None]))
        h = pixel_norm(bent(self.b4["conv"](h)))
        before = h
        for side in self.sides[1:]:
            before, block = h, getattr(self, f"b{side}")
            h = pixel_norm(bent(block["conv1"](F.interpolate(h, scale_factor=2))))
            h = pixel_norm(bent(block["conv2"](h)))
        side = self.sides[-1]
        coarse = F.interpolate(getattr(self, f"rgb{side // 2}")(before), scale_factor=2)
        return torch.lerp(coarse, getattr(self, f"rgb{side}")(h), fade)


class Judge(nn.Module):
    """[N,3,S,S] to the critic's score [N,1]."""

    def __init__(self, size_px: int, ngf: int) -> None:
        super().__init__()
        self.sides = sides_to(size_px)
        for side in self.sides:
            width = width_at(side, ngf)
            if side == FIRST_SIDE:
                dense = Dense(FIRST_SIDE**2 * width, width, width), Dense(width, 1, 1)
                block = {"conv": Scaled(width + 1, width, 3), "dense": dense[0], "verdict": dense[1]}
            else:
                after = width_at(side // 2, ngf)
                block = {"conv1": Scaled(width, width, 3), "conv2": Scaled(width, after, 3)}
            self.add_module(f"d{side}", nn.ModuleDict(block))
            self.add_module(f"from{side}", Scaled(CHANNELS, width, 1))

    def forward(self, x: Tensor, fade: float) -> Tensor:
        last = self.sides[-1]
        h = bent(getattr(self, f"from{last}")(x))
        for side in reversed(self.sides[1:]):
            block = getattr(self, f"d{side}")
            h = F.avg_pool2d(bent(block["conv2"](bent(block["conv1"](h)))), 2)
            if side == last:
                coarse = bent(getattr(self, f"from{side // 2}")(F.avg_pool2d(x, 2)))
                h = torch.lerp(coarse, h, fade)
        block = self.d4
        h = in_rows(bent(block["conv"](with_spread(h))))
        h = bent(linear(block["dense"], h, sqrt(2)))
        return linear(block["verdict"], h, 1.0)


def linear(layer: Dense, x: Tensor, gain: float) -> Tensor:
    weight = layer.conv.weight.flatten(1)
    return F.linear(x, weight * (gain / sqrt(weight.shape[1])), layer.conv.bias)


def with_spread(x: Tensor) -> Tensor:
    """One more channel: how much the pictures of the batch differ, on average over places and channels (section 3)."""
    spread = (x.var(0, correction=0) + EPSILON).sqrt().mean()
    return torch.cat([x, spread.expand(len(x), 1, *x.shape[2:]).to(x.dtype)], 1)


class Progressive(Adversary):
    """Networks and step of the last stage. Draws of a step: `codesG` [N,latent], `between` [N,1,1,1]."""

    def __init__(self, settings: Settings, fade: float, fused: bool = False) -> None:
        s = self.settings = settings
        self.fade = fade
        self.netG = Generator(s.cropSizePx, s.latent, s.ngf)
        self.netD = Judge(s.cropSizePx, s.ngf)
        self.begin(Adam(s.learningRate, s.beta1, s.beta2), 1, fused)
        self.average = AveragedModel(self.netG, multi_avg_fn=get_ema_multi_avg_fn(s.emaDecay))

    def draw(self, count: int) -> Draws:
        return {"codesG": torch.randn(count, self.settings.latent), "between": torch.rand(count, 1, 1, 1)}

    def draw_as_engine(self, count: int, seed: int, step: int, _round: int) -> Draws:
        codes = counters.codes(self.settings.latent, count, seed, "progressive.codesG", step)
        between = torch.tensor(counters.shares(count, seed, "progressive.between", step))
        return {"codesG": torch.tensor(codes), "between": between[:, None, None, None]}

    def make(self, _real: Tensor, draws: Draws, codes: str) -> Tensor:
        return self.netG(draws[codes], self.fade)

    def judging(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        def judge(x: Tensor) -> Tensor:
            return self.netD(x, self.fade)

        shown = torch.lerp(F.interpolate(F.avg_pool2d(real, 2), scale_factor=2), real, self.fade)
        verdict = judge(shown)
        distance = score("wgan", judge(made), False) + score("wgan", verdict, True)
        penalty = self.settings.lambdaGP * slope_penalty(judge, shown, made, draws["between"])
        total = distance + DRIFT * verdict.square().mean() + penalty
        return {"C_distance": -distance, "C_GP": penalty}, total

    def fooling(self, _real: Tensor, made: Tensor, _draws: Draws) -> tuple[Losses, Tensor]:
        loss = score("wgan", self.netD(made, self.fade), True)
        return {"G_GAN": loss}, loss

    def after_generator(self) -> None:
        self.average.update_parameters(self.netG)
