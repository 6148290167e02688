"""CUT and FastCUT as published (Park et al. 2020), in PyTorch: the step that fixtures compare with."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torch_networks import Layer, PatchDiscriminator, make_generator
from torch_pix2pix import gan_loss, set_trainable


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options; defaults as published for CUT."""

    netG: str = "resnet_9blocks"
    inputNc: int = 3
    outputNc: int = 3
    ngf: int = 64
    ndf: int = 64
    nLayersD: int = 3
    norm: str = "instance"
    dropout: bool = False
    ganLoss: str = "lsgan"
    lambdaGAN: float = 1.0
    lambdaNCE: float = 1.0
    nceIdentity: bool = True
    flipEquivariance: bool = False
    sampling: str = "antialiased"
    patches: int = 256
    temperature: float = 0.07
    projectionWidth: int = 256
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


# Which places of a feature with so many are compared? Told: the pass (0 there, 1 identity), the feature's number, the count.
Choose = Callable[[int, int, int], list[int]]


class Projection(nn.Module):
    """netF for one feature: [M,channels] to [M,width] of length 1. Linear layers as 1x1 convolutions, to be named as others are."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.layer1 = Layer(nn.Conv2d, (channels, width), "none", True, kernel_size=1)
        self.layer2 = Layer(nn.Conv2d, (width, width), "none", True, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.layer2(F.relu(self.layer1(x[:, :, None, None])))[:, :, 0, 0]
        return h / (h.pow(2).sum(1, keepdim=True).sqrt() + 1e-7)


class Cut:
    """Networks, optimizers and the step. Pictures are [N,C,H,W] in [-1,1]."""

    def __init__(self, settings: Settings, fused: bool = False) -> None:
        s = self.settings = settings
        antialiased = s.sampling == "antialiased"
        self.netG = make_generator(s.netG, s.inputNc, s.outputNc, s.ngf, s.norm, s.dropout, antialiased)
        self.netD = PatchDiscriminator(s.outputNc, s.ndf, s.nLayersD, s.norm, antialiased)
        blocks = min(self.netG.blocks, 5)
        channels = {"picture": s.inputNc, "down1": 2 * s.ngf, "down2": 4 * s.ngf}
        channels |= {"block1": 4 * s.ngf, f"block{blocks}": 4 * s.ngf}
        self.netF = {name: Projection(count, s.projectionWidth) for name, count in channels.items()}
        options = {"lr": s.learningRate, "betas": (s.beta1, s.beta2), "eps": 1e-8, "fused": fused}
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), **options) for name, net in self.networks().items()
        }

    def networks(self) -> dict[str, nn.Module]:
        return {"netG": self.netG, "netD": self.netD} | {f"netF.{name}": net for name, net in self.netF.items()}

    def optimizer_of(self, name: str) -> torch.optim.Adam:
        return self.optimizers[name]

    def step(self, realA: Tensor, realB: Tensor, choose: Choose, mirrored: bool) -> dict[str, Tensor]:
        """netD first, on the detached picture; then netG and netF, against the updated judge.

        Gradients stay in `.grad` until the next step. Returns losses by the field's names, and fakeB.
        """
        s = self.settings
        given = torch.cat([realA, realB]) if s.nceIdentity else realA
        made = self.netG(given.flip(3) if mirrored else given)
        fakeB, idtB = made[: len(realA)], made[len(realA) :]

        set_trainable(self.netD, True)
        self.optimizers["netD"].zero_grad(set_to_none=True)
        losses = {
            "D_fake": gan_loss(s.ganLoss, self.netD(fakeB.detach()), False),
            "D_real": gan_loss(s.ganLoss, self.netD(realB), True),
        }
        ((losses["D_fake"] + losses["D_real"]) * 0.5).backward()
        self.optimizers["netD"].step()

        set_trainable(self.netD, False)
        painters = [name for name in self.networks() if name != "netD"]
        for name in painters:
            self.optimizers[name].zero_grad(set_to_none=True)
        losses["G_GAN"] = gan_loss(s.ganLoss, self.netD(fakeB), True) * s.lambdaGAN
        losses["NCE"] = self.contrast(realA, fakeB, 0, choose, mirrored)
        total = losses["NCE"]
        if s.nceIdentity:
            losses["NCE_Y"] = self.contrast(realB, idtB, 1, choose, mirrored)
            total = (losses["NCE"] + losses["NCE_Y"]) * 0.5
        (losses["G_GAN"] + total).backward()
        for name in painters:
            self.optimizers[name].step()
        return losses | {"fakeB": fakeB}

    def contrast(self, source: Tensor, made: Tensor, number: int, choose: Choose, mirrored: bool) -> Tensor:
        """Cross-entropy of telling a place of `source` (detached) from the other places of the same picture, mean over features."""
        s = self.settings
        keys, queries = self.netG.features(source), self.netG.features(made)
        if mirrored:
            queries = [feature.flip(3) for feature in queries]
        losses = []
        for feature, (netF, key, query) in enumerate(zip(self.netF.values(), keys, queries, strict=True)):
            chosen = torch.tensor(choose(number, feature, key.shape[2] * key.shape[3]))
            k, q = (netF_at(netF, x, chosen) for x in (key, query))
            logits = q @ k.detach().transpose(1, 2) / s.temperature
            targets = torch.arange(len(chosen)).expand(len(source), -1)
            losses.append(F.cross_entropy(logits.transpose(1, 2), targets))
        return sum(losses) / len(losses) * s.lambdaNCE


def netF_at(netF: nn.Module, feature: Tensor, chosen: Tensor) -> Tensor:
    """[N,C,H,W] to [N,P,width] at the chosen places (row * W + column)."""
    picked = feature.flatten(2)[:, :, chosen].transpose(1, 2)
    return netF(picked.flatten(0, 1)).unflatten(0, picked.shape[:2])
