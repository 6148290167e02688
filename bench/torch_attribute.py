"""StarGAN (Choi et al. 2018) in PyTorch: one generator for every class, a judge that also names the class."""

from dataclasses import dataclass
from math import log2

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import counters
from torch_adversary import Adam, Adversary, Draws, Losses, score, slope_penalty
from torch_networks import Layer, ResnetGenerator
from torch_noise import CHANNELS, Dense, in_rows


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options, with the recipe's defaults; `classes`: how many there are."""

    classes: int
    cropSizePx: int = 128
    netG: str = "resnet_6blocks"
    ngf: int = 64
    ndf: int = 64
    lambdaReconstruction: float = 10.0
    lambdaClass: float = 1.0
    lambdaGP: float = 10.0
    judgeRounds: int = 5
    learningRate: float = 1e-4
    beta1: float = 0.5
    beta2: float = 0.999


class Judge(nn.Module):
    """[N,3,S,S] to a verdict a patch [N,1,s,s] and logits of the classes [N,classes]; no norm."""

    def __init__(self, size_px: int, ndf: int, classes: int) -> None:
        super().__init__()
        self.count = max(1, min(6, int(log2(size_px)) - 1))
        for i in range(1, self.count + 1):
            sizes = (CHANNELS if i == 1 else ndf * 2 ** (i - 2), ndf * 2 ** (i - 1))
            self.add_module(f"layer{i}", Layer(nn.Conv2d, sizes, "none", True, kernel_size=4, stride=2, padding=1))
        inner = ndf * 2 ** (self.count - 1)
        self.verdict = Layer(nn.Conv2d, (inner, 1), "none", True, kernel_size=3, padding=1)
        self.label = Dense((size_px // 2**self.count) ** 2 * inner, classes, classes)

    def features(self, x: Tensor) -> Tensor:
        for i in range(1, self.count + 1):
            x = F.leaky_relu(getattr(self, f"layer{i}")(x), 0.01, inplace=True)
        return x

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.features(x)
        return self.verdict(seen), self.label(in_rows(seen))


class Attribute(Adversary):
    """Networks and step. Draws of a round: `own` and `wanted` [N], classes by number; `between` [N,1,1,1]."""

    def __init__(self, settings: Settings, fused: bool = False) -> None:
        s = self.settings = settings
        blocks = int(s.netG.removeprefix("resnet_").removesuffix("blocks"))
        # An instance norm would take the planes of one value out again that tell the class.
        self.netG = ResnetGenerator(CHANNELS + s.classes, CHANNELS, blocks, s.ngf, "instance", stem_norm=False)
        self.netD = Judge(s.cropSizePx, s.ndf, s.classes)
        self.begin(Adam(s.learningRate, s.beta1, s.beta2), s.judgeRounds, fused)

    def draw(self, count: int) -> Draws:
        classes = self.settings.classes
        wanted = torch.randint(classes, (count,))
        return {"own": torch.arange(count) % classes, "wanted": wanted, "between": torch.rand(count, 1, 1, 1)}

    def draw_as_engine(self, count: int, seed: int, step: int, number: int) -> Draws:
        """Pictures are of the classes in turn, on through the rounds (bench/ours.ts)."""
        classes = self.settings.classes
        between = torch.tensor(counters.shares(count, seed, "attribute.between", step))
        return {
            "own": torch.arange(number * count, (number + 1) * count) % classes,
            "wanted": torch.tensor(counters.classes_wanted(classes, count, seed, step)),
            "between": between[:, None, None, None],
        }

    def make(self, real: Tensor, draws: Draws, _codes: str) -> Tensor:
        return self.paint(real, draws["wanted"])

    def paint(self, x: Tensor, classes: Tensor) -> Tensor:
        """[N,3,S,S] into these classes [N], each told by a plane of ones."""
        planes = F.one_hot(classes, self.settings.classes)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.netG(torch.cat([x, planes.to(x.dtype)], 1))

    def judging(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        s = self.settings
        verdict, label = self.netD(real)
        distance = score("wgan", self.netD.verdict(self.netD.features(made)), False) + score("wgan", verdict, True)
        naming = F.cross_entropy(label, draws["own"])

        def judge(x: Tensor) -> Tensor:
            return self.netD.verdict(self.netD.features(x))

        penalty = s.lambdaGP * slope_penalty(judge, real, made, draws["between"])
        losses = {"C_distance": -distance, "C_class": naming, "C_GP": penalty}
        return losses, distance + s.lambdaClass * naming + penalty

    def fooling(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        s = self.settings
        verdict, label = self.netD(made)
        losses = {
            "G_GAN": score("wgan", verdict, True),
            "G_class": F.cross_entropy(label, draws["wanted"]),
            "G_reconstruction": s.lambdaReconstruction * F.l1_loss(self.paint(made, draws["own"]), real),
        }
        return losses, losses["G_GAN"] + s.lambdaClass * losses["G_class"] + losses["G_reconstruction"]
