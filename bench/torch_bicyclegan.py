"""BicycleGAN (Zhu et al. 2017) in PyTorch, written from the paper, with the choices of docs/decisions/0008.

Judges first, each shown the picture before and the one after; the code is given to every layer of the generator's encoder; the
encoder has no norms, and learns nothing from how it reads what was made.
"""

from dataclasses import dataclass
from itertools import chain

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import counters
from torch_networks import Layer, PatchDiscriminator, UnetGenerator
from torch_pix2pix import gan_loss, set_trainable

CHANNELS = 3


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options, with the recipe's defaults."""

    cropSizePx: int = 256
    netG: str = "auto"
    ngf: int = 64
    ndf: int = 64
    nef: int = 64
    nLayersD: int = 3
    norm: str = "instance"
    latent: int = 8
    ganLoss: str = "lsgan"
    lambdaL1: float = 10.0
    lambdaKL: float = 0.01
    lambdaZ: float = 0.5
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


class CodedUnet(UnetGenerator):
    """A U-Net whose encoder is given the code again at every layer, as planes after what comes from outside."""

    def __init__(self, latent: int, downs: int, ngf: int, norm: str) -> None:
        super().__init__(CHANNELS + latent, CHANNELS, downs, ngf, norm)
        for i in range(2, downs + 1):
            old: nn.Conv2d = getattr(self, f"down{i}").conv
            sizes = (old.in_channels + latent, old.out_channels)
            own_norm = norm if i < downs else "none"
            self.add_module(f"down{i}", Layer(nn.Conv2d, sizes, own_norm, True, kernel_size=4, stride=2, padding=1))

    def paint(self, picture: Tensor, code: Tensor) -> Tensor:
        """[N,3,S,S] and [N,latent] to [N,3,S,S] in [-1,1]."""

        def coded(x: Tensor) -> Tensor:
            return torch.cat([x, code[:, :, None, None].to(x.dtype).expand(-1, -1, *x.shape[2:])], dim=1)

        skips: list[Tensor] = []
        h = picture
        for i in range(1, self.downs + 1):
            # In place, as in any U-Net: relu(leaky_relu(x)) = relu(x), so the skip may carry either.
            h = getattr(self, f"down{i}")(coded(h if i == 1 else F.leaky_relu(h, 0.2, inplace=True)))
            skips.append(h)
        for i in range(self.downs, 1, -1):
            h = torch.cat([skips[i - 2], getattr(self, f"up{i}")(F.relu(h, inplace=True))], dim=1)
        return torch.tanh(self.up1(F.relu(h, inplace=True)))


class StyleEncoder(nn.Module):
    """[N,3,S,S] to means and logarithms of variances, [N,latent] each."""

    def __init__(self, latent: int, nef: int, count: int) -> None:
        super().__init__()
        self.count = count
        width = [CHANNELS] + [nef * min(2**i, 4) for i in range(count)]
        for i in range(1, count + 1):
            shape = {"kernel_size": 4, "stride": 2, "padding": 1}
            self.add_module(f"layer{i}", Layer(nn.Conv2d, (width[i - 1], width[i]), "none", True, **shape))
        self.code = Layer(nn.Conv2d, (width[count], 2 * latent), "none", True, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for i in range(1, self.count + 1):
            x = F.leaky_relu(getattr(self, f"layer{i}")(x), 0.2, inplace=True)
        mean, log_variance = self.code(x.mean((2, 3), keepdim=True)).flatten(1).chunk(2, dim=1)
        return mean, log_variance


class BicycleGan:
    """Networks, optimizers and the step. Pictures are [N,C,H,W] in [-1,1], codes [N,latent]."""

    def __init__(self, settings: Settings, fused: bool = False) -> None:
        s = self.settings = settings
        size = s.cropSizePx if s.netG == "auto" else int(s.netG.removeprefix("unet_"))
        self.netG = CodedUnet(s.latent, size.bit_length() - 1, s.ngf, s.norm)
        self.netE = StyleEncoder(s.latent, s.nef, min(5, s.cropSizePx.bit_length() - 3))
        self.netD = PatchDiscriminator(2 * CHANNELS, s.ndf, s.nLayersD, s.norm)
        self.netD2 = PatchDiscriminator(2 * CHANNELS, s.ndf, s.nLayersD, s.norm)
        options = {"lr": s.learningRate, "betas": (s.beta1, s.beta2), "eps": 1e-8, "fused": fused}
        self.painters = torch.optim.Adam(chain(self.netG.parameters(), self.netE.parameters()), **options)
        self.judges = torch.optim.Adam(chain(self.netD.parameters(), self.netD2.parameters()), **options)

    def networks(self) -> dict[str, nn.Module]:
        return {name: getattr(self, name) for name in ("netG", "netE", "netD", "netD2")}

    def optimizer_of(self, name: str) -> torch.optim.Adam:
        return self.judges if name.startswith("netD") else self.painters

    def draw(self, count: int) -> dict[str, Tensor]:
        """Where in its spread the code of a true picture is taken, and codes that have nothing to do with the pictures."""
        return {name: torch.randn(count, self.settings.latent) for name in ("noise", "drawn")}

    def draw_as_engine(self, count: int, seed: int, step: int) -> dict[str, Tensor]:
        latent = self.settings.latent
        return {
            name: torch.tensor(counters.codes(latent, count, seed, f"bicyclegan.{name}", step))
            for name in ("noise", "drawn")
        }

    def step(self, realA: Tensor, realB: Tensor, noise: Tensor, drawn: Tensor) -> dict[str, Tensor]:
        """Both judges first, on detached pictures; then generator and encoder together, against the updated judges.

        Gradients stay in `.grad` until the next step. Returns losses by the field's names.
        """
        mean, log_variance = self.netE(realB)
        encoded = self.netG.paint(realA, mean + noise * torch.exp(log_variance / 2))
        random = self.netG.paint(realA, drawn)
        losses = self.judges_learn(realA, realB, encoded.detach(), random.detach())

        s = self.settings
        for net in (self.netD, self.netD2, self.netE):
            set_trainable(net, False)
        shown = {
            "G_GAN": gan_loss(s.ganLoss, self.netD(torch.cat([realA, encoded], 1)), True),
            "G_GAN2": gan_loss(s.ganLoss, self.netD2(torch.cat([realA, random], 1)), True),
            "G_L1": F.l1_loss(encoded, realB) * s.lambdaL1,
            "G_KL": -0.5 * s.lambdaKL * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean(),
            "G_z": F.l1_loss(self.netE(random)[0], drawn) * s.lambdaZ,
        }
        # What the encoder read while it could not learn stays without a part in its gradient.
        set_trainable(self.netE, True)
        learn(self.painters, sum(shown.values()))
        return losses | shown

    def judges_learn(self, realA: Tensor, realB: Tensor, encoded: Tensor, random: Tensor) -> dict[str, Tensor]:
        losses: dict[str, Tensor] = {}
        for name, net, made in (("D", self.netD, encoded), ("D2", self.netD2, random)):
            set_trainable(net, True)
            losses[f"{name}_fake"] = gan_loss(self.settings.ganLoss, net(torch.cat([realA, made], 1)), False)
            losses[f"{name}_real"] = gan_loss(self.settings.ganLoss, net(torch.cat([realA, realB], 1)), True)
        learn(self.judges, sum(losses.values()) * 0.5)
        return losses


def learn(optimizer: torch.optim.Adam, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    # Autocast keeps weights as it has cast them: those that have just moved would stay what they were.
    torch.clear_autocast_cache()
