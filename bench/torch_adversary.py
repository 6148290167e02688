"""What GANs from noise and StarGAN share, in PyTorch: a judge that learns once or several times, then the generator once."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from torch_networks import to_engine, weights
from torch_pix2pix import gan_loss, set_trainable

# What a round is given at random, by name, the pictures of the round first in every shape.
Draws = dict[str, Tensor]
# The draws of a round, which is numbered from 0.
Draw = Callable[[int], Draws]
Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Adam:
    """Names as in a run's options."""

    learningRate: float
    beta1: float
    beta2: float


def score(kind: str, logits: Tensor, is_real: bool) -> Tensor:
    """`wgan`: minus the critic's mean on what is to be real, its mean on what is not (Arjovsky et al. 2017); else as `gan_loss`."""
    if kind == "wgan":
        return (-logits if is_real else logits).mean()
    return gan_loss(kind, logits, is_real)


def slope_penalty(judge: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, between: Tensor) -> Tensor:
    """(|slope| - 1) squared between real and made pictures [N,C,H,W], mean over the batch (Gulrajani et al. 2017, equation 3)."""
    mixed = (real * between + made * (1 - between)).requires_grad_()
    slope = torch.autograd.grad(judge(mixed).sum(), mixed, create_graph=True)[0]
    return (slope.flatten(1).norm(2, dim=1) - 1).square().mean()


class Adversary:
    """Networks, optimizers and the step. Who inherits says what is made of a batch and what generator and judge want."""

    netG: nn.Module
    netD: nn.Module

    def begin(self, adam: Adam, rounds: int, fused: bool) -> None:
        options = {"lr": adam.learningRate, "betas": (adam.beta1, adam.beta2), "eps": 1e-8, "fused": fused}
        self.beta1, self.rounds = adam.beta1, rounds
        self.optimizers = {name: torch.optim.Adam(net.parameters(), **options) for name, net in self.networks().items()}

    def networks(self) -> dict[str, nn.Module]:
        return {"netG": self.netG, "netD": self.netD}

    def draw(self, count: int) -> Draws:
        """What a round of so many pictures is given at random."""
        raise NotImplementedError

    def draw_as_engine(self, count: int, seed: int, step: int, number: int) -> Draws:
        """The same as the engine draws it in a step, for its round of this number."""
        raise NotImplementedError

    def make(self, real: Tensor, draws: Draws, codes: str) -> Tensor:
        """Pictures, from the draws of this name where they are made from noise."""
        raise NotImplementedError

    def judging(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        """The judge's losses by the field's names, and what it learns from."""
        raise NotImplementedError

    def fooling(self, real: Tensor, made: Tensor, draws: Draws) -> tuple[Losses, Tensor]:
        """The generator's."""
        raise NotImplementedError

    def after_judge(self) -> None:
        """What happens to its weights whenever the judge has learned."""

    def after_generator(self) -> None:
        """What happens when the generator has learned."""

    def step(self, real: Tensor, draw: Draw) -> Losses:
        """`real` [rounds * N,C,H,W]: each round of the judge has its own; the generator learns beside those of the last.

        Where there is one round, one forward pass serves both. Gradients stay in `.grad` until the next step.
        """
        parts, told = real.chunk(self.rounds), []
        set_trainable(self.netD, True)
        for index, shown in enumerate(parts):
            draws = draw(index)
            if self.rounds == 1:
                made = self.make(shown, draws, "codesG")
            else:
                with torch.no_grad():
                    made = self.make(shown, draws, "codes")
                # Autocast would hand the weights on as they were cast here, without a gradient.
                torch.clear_autocast_cache()
            losses, total = self.judging(shown, made.detach(), draws)
            self.learn("netD", total)
            self.after_judge()
            told.append({name: value.detach() for name, value in losses.items()})
        if self.rounds > 1:
            made = self.make(shown, draws, "codesG")
        set_trainable(self.netD, False)
        losses, total = self.fooling(shown, made, draws)
        self.learn("netG", total)
        self.after_generator()
        return {name: torch.stack([one[name] for one in told]).mean() for name in told[0]} | losses

    def learn(self, name: str, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        # Autocast keeps weights as it has cast them: those that have just moved would stay what they were.
        torch.clear_autocast_cache()

    def gradients(self, name: str) -> dict[str, Tensor]:
        """Adam's first moment by 1 - beta1: after one round from zero, the gradient. 0 where a weight had no part."""
        found = {}
        for key, weight in weights(self.networks()[name]):
            slots = self.optimizers[name].state.get(weight)
            found[key] = to_engine(key, slots["exp_avg"] if slots else torch.zeros_like(weight)) / (1 - self.beta1)
        return found
