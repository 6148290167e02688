"""CycleGAN as published (Zhu et al. 2017), in PyTorch: the step that fixtures and the comparison of quality share."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torch_networks import PatchDiscriminator, make_generator
from torch_pix2pix import gan_loss, set_trainable


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options; defaults as published."""

    netG: str = "resnet_9blocks"
    inputNc: int = 3
    outputNc: int = 3
    ngf: int = 64
    ndf: int = 64
    nLayersD: int = 3
    norm: str = "instance"
    dropout: bool = False
    ganLoss: str = "lsgan"
    lambdaA: float = 10.0
    lambdaB: float = 10.0
    lambdaIdentity: float = 0.5
    poolSize: int = 50
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


# For the picture made as number n: is a remembered one shown in its place, and in which slot is it kept, if in any?
Decide = Callable[[int], tuple[bool, int | None]]


class ImagePool:
    """Pictures made before, among which the judges see the new ones (Shrivastava et al. 2017)."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.slots: dict[int, Tensor] = {}
        self.position = 0

    def exchange(self, made: Tensor) -> Tensor:
        shown = []
        for picture in made.detach().split(1):
            is_remembered, slot = self.decide(self.position)
            shown.append(self.slots[slot] if is_remembered else picture)
            if slot is not None:
                self.slots[slot] = picture
            self.position += 1
        return torch.cat(shown)


class CycleGan:
    """Networks, optimizers, pools and the step. Pictures are [N,C,H,W] in [-1,1]; netG_A paints B from A, netD_A judges B."""

    def __init__(self, settings: Settings, decideA: Decide, decideB: Decide, fused: bool = False) -> None:
        s = self.settings = settings
        self.netG_A = make_generator(s.netG, s.inputNc, s.outputNc, s.ngf, s.norm, s.dropout)
        self.netG_B = make_generator(s.netG, s.outputNc, s.inputNc, s.ngf, s.norm, s.dropout)
        self.netD_A = PatchDiscriminator(s.outputNc, s.ndf, s.nLayersD, s.norm)
        self.netD_B = PatchDiscriminator(s.inputNc, s.ndf, s.nLayersD, s.norm)
        self.poolA, self.poolB = ImagePool(decideA), ImagePool(decideB)
        options = {"lr": s.learningRate, "betas": (s.beta1, s.beta2), "eps": 1e-8, "fused": fused}
        self.optimizerG = torch.optim.Adam(chain(self.netG_A.parameters(), self.netG_B.parameters()), **options)
        self.optimizerD = torch.optim.Adam(chain(self.netD_A.parameters(), self.netD_B.parameters()), **options)

    def networks(self) -> dict[str, nn.Module]:
        return {name: getattr(self, name) for name in ("netG_A", "netG_B", "netD_A", "netD_B")}

    def optimizer_of(self, name: str) -> torch.optim.Adam:
        return self.optimizerG if name.startswith("netG") else self.optimizerD

    def step(self, realA: Tensor, realB: Tensor) -> dict[str, Tensor]:
        """Both generators against the judges as they are; then both judges, on what their pools show.

        Gradients stay in `.grad` until the next step. Returns losses by the field's names, fakeA and fakeB.
        """
        for netD in (self.netD_A, self.netD_B):
            set_trainable(netD, False)
        self.optimizerG.zero_grad(set_to_none=True)
        losses, fakeA, fakeB = self.generator_losses(realA, realB)
        sum(losses.values()).backward()
        self.optimizerG.step()

        for netD in (self.netD_A, self.netD_B):
            set_trainable(netD, True)
        self.optimizerD.zero_grad(set_to_none=True)
        losses["D_A"] = self.judge_loss(self.netD_A, realB, self.poolB.exchange(fakeB))
        losses["D_A"].backward()
        losses["D_B"] = self.judge_loss(self.netD_B, realA, self.poolA.exchange(fakeA))
        losses["D_B"].backward()
        self.optimizerD.step()
        return losses | {"fakeA": fakeA, "fakeB": fakeB}

    def generator_losses(self, realA: Tensor, realB: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        s = self.settings
        fakeB, fakeA = self.netG_A(realA), self.netG_B(realB)
        losses = {
            "G_A": gan_loss(s.ganLoss, self.netD_A(fakeB), True),
            "G_B": gan_loss(s.ganLoss, self.netD_B(fakeA), True),
            "cycle_A": F.l1_loss(self.netG_B(fakeB), realA) * s.lambdaA,
            "cycle_B": F.l1_loss(self.netG_A(fakeA), realB) * s.lambdaB,
        }
        if s.lambdaIdentity > 0:
            losses["idt_A"] = F.l1_loss(self.netG_A(realB), realB) * s.lambdaB * s.lambdaIdentity
            losses["idt_B"] = F.l1_loss(self.netG_B(realA), realA) * s.lambdaA * s.lambdaIdentity
        return losses, fakeA, fakeB

    def judge_loss(self, netD: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        kind = self.settings.ganLoss
        return 0.5 * (gan_loss(kind, netD(real), True) + gan_loss(kind, netD(fake.detach()), False))
