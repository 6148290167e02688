"""Makes manifest-cyclegan.json and steps-cyclegan-*.safetensors: `python test/reference/make_cyclegan.py`."""

from functools import partial

import torch
from torch import Tensor

import fixtures  # first: it makes bench/ importable
from counters import pool_decision
from fixtures import STEPS, all_gradients, prefixed, smooth_picture
from torch_cyclegan import CycleGan, Settings
from torch_networks import cancelled_biases, init_weights, to_nchw, to_nhwc

# With this seed a pool of two exchanges a picture in step 3 on side B and not on side A; a pool of one, often.
SEED = 5


def main() -> None:
    fixtures.begin()
    lsgan = Settings("resnet_2blocks", ngf=3, ndf=4, nLayersD=2, poolSize=2)
    vanilla = Settings(
        "resnet_1blocks",
        ngf=3,
        ndf=3,
        nLayersD=2,
        ganLoss="vanilla",
        lambdaA=8.0,
        lambdaB=12.0,
        lambdaIdentity=0.0,
        poolSize=1,
    )
    steps = [make_steps(0, "lsgan-identity", lsgan, 1), make_steps(1, "vanilla", vanilla, 2)]
    fixtures.write_manifest("manifest-cyclegan.json", {"versions": fixtures.versions(), "steps": steps})


def make_steps(index: int, name: str, settings: Settings, batch: int) -> dict:
    torch.manual_seed(400 + index)
    decide = {side: partial(pool_decision, settings.poolSize, SEED, side) for side in "AB"}
    model = CycleGan(settings, decide["A"], decide["B"])
    for net in model.networks().values():
        init_weights(net)
    cancelled = [f"{part}/{bias}" for part, net in model.networks().items() for bias in cancelled_biases(net)]
    tensors: dict[str, Tensor] = {}
    steps = []
    for step in range(1, STEPS + 1):
        realA, realB = smooth_picture(batch), smooth_picture(batch)
        tensors |= prefixed(f"step{step}", {"realA": realA, "realB": realB} | whole_state(model))
        batches = to_nchw(realA), to_nchw(realB)
        other, twin = in_other_order(model, *batches), in_float64(model)
        losses = model.step(*batches)
        twin.step(*(side.double() for side in batches))
        tensors |= prefixed(f"step{step}", {side: to_nhwc(losses.pop(side)) for side in ("fakeA", "fakeB")})
        tensors |= prefixed(f"step{step}", all_gradients(model))
        steps.append(
            {
                "losses": {key: value.item() for key, value in losses.items()},
                "otherOrder": other,
                "gradientError": fixtures.greatest_error(all_gradients(model), all_gradients(twin), cancelled),
            }
        )
    tensors |= prefixed(f"step{STEPS + 1}", pools(model))
    positions = range(STEPS * batch)
    return {
        "name": name,
        "file": fixtures.write(f"steps-cyclegan-{name}", tensors),
        "settings": vars(settings),
        "seed": SEED,
        "batch": batch,
        "size": 32,
        "cancelled": cancelled,
        "decisions": {side: [decide[side](position) for position in positions] for side in "AB"},
        "steps": steps,
    }


def pools(model: CycleGan) -> dict[str, Tensor]:
    sides = (("poolA", model.poolA), ("poolB", model.poolB))
    return {f"{side}/{slot:04}": to_nhwc(kept) for side, pool in sides for slot, kept in pool.slots.items()}


def whole_state(model: CycleGan) -> dict[str, Tensor]:
    return fixtures.states_and_moments(model) | pools(model)


def in_float64(model: CycleGan) -> CycleGan:
    twin = fixtures.in_float64(model)
    for pool in (twin.poolA, twin.poolB):
        pool.slots = {slot: picture.double() for slot, picture in pool.slots.items()}
    return twin


def in_other_order(model: CycleGan, realA: Tensor, realB: Tensor) -> dict[str, float]:
    """What the losses would be if the judges came first (G), and if they saw the newest pictures alone (D)."""
    twin = in_float64(model)
    realA, realB = realA.double(), realB.double()
    fakeA, fakeB = twin.netG_B(realB), twin.netG_A(realA)
    fresh = {
        "D_A": twin.judge_loss(twin.netD_A, realB, fakeB),
        "D_B": twin.judge_loss(twin.netD_B, realA, fakeA),
    }
    shown = {
        "D_A": twin.judge_loss(twin.netD_A, realB, twin.poolB.exchange(fakeB)),
        "D_B": twin.judge_loss(twin.netD_B, realA, twin.poolA.exchange(fakeA)),
    }
    twin.optimizerD.zero_grad(set_to_none=True)
    sum(shown.values()).backward()
    twin.optimizerD.step()
    losses, *_ = twin.generator_losses(realA, realB)
    return {name: value.item() for name, value in {**fresh, "G_A": losses["G_A"], "G_B": losses["G_B"]}.items()}


if __name__ == "__main__":
    main()
