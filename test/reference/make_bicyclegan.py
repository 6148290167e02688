"""Makes manifest-bicyclegan.json and steps-bicyclegan-*.safetensors: `python test/reference/make_bicyclegan.py`.

BicycleGAN (Zhu et al. 2017) written from the paper, with the choices of docs/decisions/0008: judges first, each shown the picture
before and the one after, and the code given to every layer of the generator's encoder.
"""

from dataclasses import dataclass
from itertools import chain

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import fixtures  # first: it makes bench/ importable
from counters import counter_of, random_gaussians
from fixtures import STEPS, all_gradients, prefixed, smooth_picture
from torch_networks import Layer, PatchDiscriminator, UnetGenerator, cancelled_biases, init_weights, to_nchw
from torch_pix2pix import gan_loss, set_trainable

SEED = 5


@dataclass(frozen=True)
class Settings:
    """Names as in a run's options."""

    netG: str = "unet_32"
    ngf: int = 2
    ndf: int = 3
    nef: int = 3
    nLayersD: int = 2
    norm: str = "instance"
    latent: int = 4
    ganLoss: str = "lsgan"
    lambdaL1: float = 10.0
    lambdaKL: float = 0.01
    lambdaZ: float = 0.5
    learningRate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999


class CodedUnet(UnetGenerator):
    """A U-Net whose encoder is given the code again at every layer, as planes after what comes from outside."""

    def __init__(self, latent: int, channels: int, downs: int, ngf: int, norm: str) -> None:
        super().__init__(channels + latent, channels, downs, ngf, norm)
        for i in range(2, downs + 1):
            old: nn.Conv2d = getattr(self, f"down{i}").conv
            sizes = (old.in_channels + latent, old.out_channels)
            own_norm = norm if i < downs else "none"
            self.add_module(f"down{i}", Layer(nn.Conv2d, sizes, own_norm, True, kernel_size=4, stride=2, padding=1))

    def paint(self, picture: Tensor, code: Tensor) -> Tensor:
        def coded(x: Tensor) -> Tensor:
            return torch.cat([x, code[:, :, None, None].expand(-1, -1, *x.shape[2:])], dim=1)

        skips: list[Tensor] = []
        h = picture
        for i in range(1, self.downs + 1):
            h = getattr(self, f"down{i}")(coded(h if i == 1 else F.leaky_relu(h, 0.2)))
            skips.append(h)
        for i in range(self.downs, 1, -1):
            h = torch.cat([skips[i - 2], getattr(self, f"up{i}")(F.relu(h))], dim=1)
        return torch.tanh(self.up1(F.relu(h)))


class StyleEncoder(nn.Module):
    """[N,C,S,S] to means and logarithms of variances, [N,latent] each."""

    def __init__(self, channels: int, latent: int, nef: int, count: int) -> None:
        super().__init__()
        self.count = count
        width = [channels] + [nef * min(2**i, 4) for i in range(count)]
        for i in range(1, count + 1):
            shape = {"kernel_size": 4, "stride": 2, "padding": 1}
            self.add_module(f"layer{i}", Layer(nn.Conv2d, (width[i - 1], width[i]), "none", True, **shape))
        self.code = Layer(nn.Conv2d, (width[count], 2 * latent), "none", True, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for i in range(1, self.count + 1):
            x = F.leaky_relu(getattr(self, f"layer{i}")(x), 0.2)
        mean, log_variance = self.code(x.mean((2, 3), keepdim=True)).flatten(1).chunk(2, dim=1)
        return mean, log_variance


class BicycleGan:
    def __init__(self, settings: Settings) -> None:
        s = self.settings = settings
        downs = int(s.netG.removeprefix("unet_")).bit_length() - 1
        self.netG = CodedUnet(s.latent, 3, downs, s.ngf, s.norm)
        self.netE = StyleEncoder(3, s.latent, s.nef, 3)
        self.netD = PatchDiscriminator(6, s.ndf, s.nLayersD, s.norm)
        self.netD2 = PatchDiscriminator(6, s.ndf, s.nLayersD, s.norm)
        options = {"lr": s.learningRate, "betas": (s.beta1, s.beta2), "eps": 1e-8}
        self.painters = torch.optim.Adam(chain(self.netG.parameters(), self.netE.parameters()), **options)
        self.judges = torch.optim.Adam(chain(self.netD.parameters(), self.netD2.parameters()), **options)

    def networks(self) -> dict[str, nn.Module]:
        return {name: getattr(self, name) for name in ("netG", "netE", "netD", "netD2")}

    def optimizer_of(self, name: str) -> torch.optim.Adam:
        return self.judges if name.startswith("netD") else self.painters

    def step(self, realA: Tensor, realB: Tensor, noise: Tensor, drawn: Tensor) -> dict[str, Tensor]:
        s = self.settings
        mean, log_variance = self.netE(realB)
        encoded = self.netG.paint(realA, mean + noise * torch.exp(log_variance / 2))
        random = self.netG.paint(realA, drawn)

        losses: dict[str, Tensor] = {}
        self.judges.zero_grad(set_to_none=True)
        for name, net, made in (("D", self.netD, encoded), ("D2", self.netD2, random)):
            losses[f"{name}_fake"] = gan_loss(s.ganLoss, net(torch.cat([realA, made.detach()], 1)), False)
            losses[f"{name}_real"] = gan_loss(s.ganLoss, net(torch.cat([realA, realB], 1)), True)
            (0.5 * (losses[f"{name}_fake"] + losses[f"{name}_real"])).backward()
        self.judges.step()

        self.painters.zero_grad(set_to_none=True)
        for net in (self.netD, self.netD2):
            set_trainable(net, False)
        shown = {
            "G_GAN": gan_loss(s.ganLoss, self.netD(torch.cat([realA, encoded], 1)), True),
            "G_GAN2": gan_loss(s.ganLoss, self.netD2(torch.cat([realA, random], 1)), True),
            "G_L1": F.l1_loss(encoded, realB) * s.lambdaL1,
            "G_KL": -0.5 * s.lambdaKL * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean(),
        }
        sum(shown.values()).backward(retain_graph=True)
        # The generator alone learns from what the encoder reads of its pictures.
        set_trainable(self.netE, False)
        shown["G_z"] = F.l1_loss(self.netE(random)[0], drawn) * s.lambdaZ
        shown["G_z"].backward()
        for net in (self.netE, self.netD, self.netD2):
            set_trainable(net, True)
        self.painters.step()
        return losses | shown


def codes(name: str, step: int, batch: int, latent: int) -> Tensor:
    """What the engine draws for this step: src/engine/nn/codes.ts."""
    rows = [random_gaussians(latent, SEED, counter_of(f"bicyclegan.{name}"), step, place) for place in range(batch)]
    return torch.tensor(rows)


def make_steps(index: int, name: str, settings: Settings, batch: int) -> dict:
    torch.manual_seed(700 + index)
    model = BicycleGan(settings)
    for net in model.networks().values():
        init_weights(net, gain=0.2)
    cancelled = [f"{part}/{bias}" for part, net in model.networks().items() for bias in cancelled_biases(net)]
    tensors: dict[str, Tensor] = {}
    steps = []
    for step in range(1, STEPS + 1):
        realA, realB = smooth_picture(batch), smooth_picture(batch)
        given = {"realA": realA, "realB": realB} | fixtures.states_and_moments(model)
        tensors |= prefixed(f"step{step}", given)
        drawn = [codes(kind, step, batch, settings.latent) for kind in ("noise", "drawn")]
        batches = [to_nchw(realA), to_nchw(realB), *drawn]
        twin = fixtures.in_float64(model)
        losses = model.step(*batches)
        twin.step(*(one.double() for one in batches))
        tensors |= prefixed(f"step{step}", all_gradients(model))
        error = fixtures.greatest_error(all_gradients(model), all_gradients(twin), cancelled)
        steps.append({"losses": {key: value.item() for key, value in losses.items()}, "gradientError": error})
    return {
        "name": name,
        "file": fixtures.write(f"steps-bicyclegan-{name}", tensors),
        "settings": vars(settings),
        "seed": SEED,
        "size": 32,
        "cancelled": cancelled,
        "steps": steps,
    }


def main() -> None:
    fixtures.begin()
    lsgan = Settings()
    vanilla = Settings(ganLoss="vanilla", norm="none", lambdaL1=7.0, lambdaKL=0.05, lambdaZ=2.0)
    steps = [make_steps(0, "lsgan-two-pictures", lsgan, 2), make_steps(1, "vanilla-no-norm", vanilla, 1)]
    fixtures.write_manifest("manifest-bicyclegan.json", {"versions": fixtures.versions(), "steps": steps})


if __name__ == "__main__":
    main()
