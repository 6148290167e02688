"""Pix2Pix as published (Isola et al. 2017), in PyTorch: the step that fixtures, parity and benchmarks share."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torch_networks import PatchDiscriminator, make_generator, to_engine, weights


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options; defaults as published."""

    netG: str = "unet_256"
    inputNc: int = 3
    outputNc: int = 3
    ngf: int = 64
    ndf: int = 64
    nLayersD: int = 3
    norm: str = "batch"
    dropout: bool = True
    ganLoss: str = "vanilla"
    lambdaL1: float = 100.0
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


def gan_loss(kind: str, logits: Tensor, is_real: bool) -> Tensor:
    """Vanilla: binary cross-entropy on logits. LSGAN: squared distance to 0 or 1 (Mao et al. 2017)."""
    target = torch.full_like(logits, 1.0 if is_real else 0.0)
    if kind == "vanilla":
        return F.binary_cross_entropy_with_logits(logits, target)
    if kind == "lsgan":
        return F.mse_loss(logits, target)
    raise ValueError(f"Unknown GAN loss {kind!r}: use vanilla or lsgan.")


class Pix2Pix:
    """Networks, optimizers and the step. Pictures are [N,C,H,W] in [-1,1]."""

    def __init__(self, settings: Settings, fused: bool = False) -> None:
        s = self.settings = settings
        self.netG = make_generator(s.netG, s.inputNc, s.outputNc, s.ngf, s.norm, s.dropout)
        self.netD = PatchDiscriminator(s.inputNc + s.outputNc, s.ndf, s.nLayersD, s.norm)
        self.fused = fused
        self.reset_optimizers()

    def networks(self) -> dict[str, nn.Module]:
        return {"netG": self.netG, "netD": self.netD}

    def reset_optimizers(self) -> None:
        """Anew after the networks changed type or layout."""
        s = self.settings
        options = {"lr": s.learningRate, "betas": (s.beta1, s.beta2), "eps": 1e-8, "fused": self.fused}
        self.optimizerG = torch.optim.Adam(self.netG.parameters(), **options)
        self.optimizerD = torch.optim.Adam(self.netD.parameters(), **options)

    def step(self, realA: Tensor, realB: Tensor) -> dict[str, Tensor]:
        """The discriminator first, on the detached picture; then the generator, against the updated discriminator.

        Gradients of both stay in `.grad` until the next step. Returns losses by the field's names, and fakeB.
        """
        s = self.settings
        fakeB = self.netG(realA)

        set_trainable(self.netD, True)
        self.optimizerD.zero_grad(set_to_none=True)
        lossFake = gan_loss(s.ganLoss, self.netD(torch.cat([realA, fakeB.detach()], 1)), False)
        lossReal = gan_loss(s.ganLoss, self.netD(torch.cat([realA, realB], 1)), True)
        ((lossFake + lossReal) * 0.5).backward()
        self.optimizerD.step()

        set_trainable(self.netD, False)
        self.optimizerG.zero_grad(set_to_none=True)
        lossGan = gan_loss(s.ganLoss, self.netD(torch.cat([realA, fakeB], 1)), True)
        lossL1 = F.l1_loss(fakeB, realB) * s.lambdaL1
        (lossGan + lossL1).backward()
        self.optimizerG.step()
        return {"G_GAN": lossGan, "G_L1": lossL1, "D_real": lossReal, "D_fake": lossFake, "fakeB": fakeB}


def set_trainable(net: nn.Module, value: bool) -> None:
    for parameter in net.parameters():
        parameter.requires_grad_(value)


def moments(net: nn.Module, optimizer: torch.optim.Adam) -> dict[str, dict[str, Tensor]]:
    """Adam's first and second moments by the engine's names; empty before the first step."""
    first, second = {}, {}
    for name, parameter in weights(net):
        slots = optimizer.state.get(parameter)
        if slots:
            first[name] = to_engine(name, slots["exp_avg"])
            second[name] = to_engine(name, slots["exp_avg_sq"])
    return {"m": first, "v": second}
