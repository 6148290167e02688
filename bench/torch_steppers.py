"""The recipes that `npm run bench` times, by one face: networks, a step, gradients."""

import random
from dataclasses import replace

import torch
from torch import Tensor, nn

import torch_attribute
import torch_bicyclegan
import torch_cut
import torch_cyclegan
import torch_noise
import torch_pix2pix
import torch_progressive
from torch_adversary import Adversary, Draws
from torch_networks import gradients
from train_cyclegan import pool_rule

SEED = 1  # of every batch, as in bench/ours.ts


class Stepper:
    """One recipe's networks and step: losses by the field's names."""

    def __init__(self, row: dict, dropout: bool) -> None:
        options = row["options"] | ({"dropout": False} if not dropout else {})
        self.recipe = row["recipe"]
        if self.recipe == "pix2pix":
            self.model = torch_pix2pix.Pix2Pix(pick(torch_pix2pix.Settings, options), fused=True)
        elif self.recipe == "cyclegan":
            rules = [pool_rule(50, seed) for seed in (1, 2)]
            self.model = torch_cyclegan.CycleGan(pick(torch_cyclegan.Settings, options), *rules, fused=True)
        else:
            settings = pick(torch_cut.Settings, options | {"nceIdentity": False, "lambdaNCE": 10.0})
            self.model = torch_cut.Cut(settings, fused=True)
        self.draw = random.Random(1)

    def networks(self) -> dict[str, nn.Module]:
        return self.model.networks()

    def step(self, realA: Tensor, realB: Tensor) -> dict[str, Tensor]:
        if isinstance(self.model, torch_cut.Cut):
            losses = self.model.step(realA, realB, self.choose, mirrored=False)
        else:
            losses = self.model.step(realA, realB)
        return {name: value for name, value in losses.items() if not name.startswith("fake")}

    def gradients(self, name: str) -> dict[str, Tensor]:
        return gradients(self.networks()[name])

    def choose(self, _number: int, _feature: int, count: int) -> list[int]:
        return self.draw.sample(range(count), min(256, count))


def pick(settings: type, options: dict):
    return settings(**{name: value for name, value in options.items() if name in settings.__dataclass_fields__})


def options_of(row: dict, is_compared: bool) -> dict:
    """What a row says of its recipe's options; the step that is compared may have a learning rate of its own."""
    options = row["options"] | {"cropSizePx": row["sizePx"]}
    return options | ({"learningRate": row["checkRate"]} if is_compared and "checkRate" in row else {})


class AdversaryStepper:
    """The recipes from noise and by attribute. Draws by PyTorch, unless it was told what the engine draws."""

    def __init__(self, row: dict, is_compared: bool) -> None:
        recipe, options = row["recipe"], options_of(row, is_compared)
        self.first, self.count, self.recipe = row.get("firstStep", 1), row["pictures"], recipe
        self.model: Adversary
        if recipe == "attribute":
            settings = pick(torch_attribute.Settings, options | {"classes": row["classes"]})
            self.model = torch_attribute.Attribute(settings, fused=True)
        elif recipe == "progressive":
            settings = pick(torch_progressive.Settings, options)
            self.model = torch_progressive.Progressive(settings, row["fade"], fused=True)
        else:
            settings = torch_noise.DEFAULTS[recipe]
            known = {name: value for name, value in options.items() if name in settings.__dataclass_fields__}
            self.model = torch_noise.Noise(replace(settings, **known), fused=True)
        self.told: list[Draws] | None = None

    def networks(self) -> dict[str, nn.Module]:
        return self.model.networks()

    def step(self, _realA: Tensor, realB: Tensor) -> dict[str, Tensor]:
        told = self.told
        return self.model.step(realB, told.__getitem__ if told else lambda _round: self.model.draw(self.count))

    def gradients(self, name: str) -> dict[str, Tensor]:
        return self.model.gradients(name)

    def draw_as_engine(self) -> dict[str, Tensor]:
        """What the engine draws in the first step of this row: `draws.NAME`, one row for each round. The next steps go by it."""
        rounds = self.model.rounds
        each = [
            # A step of several rounds draws for each as if it were a step.
            self.model.draw_as_engine(self.count, SEED, (self.first - 1) * rounds + index + 1, index)
            for index in range(rounds)
        ]
        found = {f"draws.{name}": torch.stack([one[name] for one in each]).float() for name in each[0]}
        self.take_draws(found)
        return found

    def take_draws(self, given: dict[str, Tensor]) -> None:
        """The next steps go by these draws."""
        found = {name.removeprefix("draws."): value for name, value in given.items() if name.startswith("draws.")}
        whole = {name: value.long() if name in ("own", "wanted") else value for name, value in found.items()}
        self.told = [{name: value[index] for name, value in whole.items()} for index in range(self.model.rounds)]


class BicycleStepper(Stepper):
    """BicycleGAN: one before and one after. Codes by PyTorch, unless it was told what the engine draws."""

    def __init__(self, row: dict, is_compared: bool) -> None:
        settings = pick(torch_bicyclegan.Settings, options_of(row, is_compared))
        self.model = torch_bicyclegan.BicycleGan(settings, fused=True)
        self.told: Draws | None = None

    def step(self, realA: Tensor, realB: Tensor) -> dict[str, Tensor]:
        return self.model.step(realA, realB, **(self.told or self.model.draw(len(realA))))

    def draw_as_engine(self) -> dict[str, Tensor]:
        """What the engine draws in its first step: `draws.NAME`. The next steps go by it."""
        found = {f"draws.{name}": value for name, value in self.model.draw_as_engine(1, SEED, 1).items()}
        self.take_draws(found)
        return found

    def take_draws(self, given: dict[str, Tensor]) -> None:
        """The next steps go by these draws."""
        self.told = {name.removeprefix("draws."): value for name, value in given.items() if name.startswith("draws.")}


# Steps that can be told what the engine draws.
Drawing = AdversaryStepper | BicycleStepper


def make_stepper(row: dict, is_compared: bool) -> Stepper | AdversaryStepper:
    """`is_compared`: without what each side draws for itself."""
    if row["recipe"] == "bicyclegan":
        return BicycleStepper(row, is_compared)
    return AdversaryStepper(row, is_compared) if "pictures" in row else Stepper(row, dropout=not is_compared)


def pictures_in_step(row: dict) -> int | None:
    """How many pictures a step looks at; None for recipes that look at one before and one after."""
    return AdversaryStepper(row, is_compared=True).model.rounds * row["pictures"] if "pictures" in row else None
