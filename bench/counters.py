"""The draws of Diptych's engine (src/core/random.ts), so that PyTorch can be given the decisions that a run makes.

Every draw is a function of a seed and the names of the draw. Written anew from what random.ts says: where the two
differ, parity fails.
"""

from math import cos, log, pi, sin, sqrt

POOL = {"A": 0x706F_6F41, "B": 0x706F_6F42}  # as in src/engine/recipes/cyclegan.ts
SWAP, SLOT = 1, 2  # as in src/engine/recipes/imagePool.ts

WORD = 0xFFFF_FFFF


def rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & WORD


def mix(state: int, word: int) -> int:
    k = rotate((word & WORD) * 0xCC9E_2D51 & WORD, 15)
    state = rotate(state ^ (k * 0x1B87_3593 & WORD), 13)
    return (state * 5 + 0xE654_6B64) & WORD


def finish(state: int) -> int:
    for shift, factor in ((16, 0x85EB_CA6B), (13, 0xC2B2_AE35)):
        state = ((state ^ (state >> shift)) * factor) & WORD
    return state ^ (state >> 16)


def random_bits(seed: int, *counters: int) -> int:
    state = mix(0x9747_B28C, seed)
    for counter in counters:
        state = mix(state, counter)
    return finish(state ^ (len(counters) + 1))


def random_uniform(seed: int, *counters: int) -> float:
    return random_bits(seed, *counters) / 2**32


def random_integer(bound: int, seed: int, *counters: int) -> int:
    return int(random_uniform(seed, *counters) * bound)


def pool_decision(size: int, seed: int, side: str, position: int) -> tuple[bool, int | None]:
    """Whether the picture made as number `position` is replaced by a remembered one, and the slot that takes it."""
    own = seed ^ POOL[side]
    if size == 0:
        return False, None
    if position < size:
        return False, position
    if random_uniform(own, SWAP, position) <= 0.5:
        return False, None
    return True, random_integer(size, own, SLOT, position)


def counter_of(name: str) -> int:
    state = 0x811C_9DC5
    for letter in name:
        state = mix(state, ord(letter))
    return finish(state)


def random_sample(count: int, length: int, seed: int, *counters: int) -> list[int]:
    """The beginning of a shuffle: position by position, exchanged with one that comes later."""
    order = list(range(length))
    for first in range(min(count, length)):
        other = first + random_integer(length - first, seed, *counters, first)
        order[first], order[other] = order[other], order[first]
    return order[:count]


# As in src/engine/recipes/patches.ts.
PLACES, MIRROR = counter_of("cut.places"), counter_of("cut.mirror")


def places(count: int, length: int, seed: int, step: int, number: int, feature: int) -> list[int]:
    return random_sample(count, length, seed, PLACES, step, number, feature)


def is_mirrored(seed: int, step: int) -> bool:
    return random_uniform(seed, MIRROR, step) < 0.5


def random_gaussians(length: int, seed: int, *counters: int) -> list[float]:
    """Box-Muller, both halves used: a pair is a function of the seed, the counters and its place."""

    def uniform(index: int) -> float:
        return random_bits(seed, *counters, index) / 2**32

    values = []
    for index in range(0, length, 2):
        radius, angle = sqrt(-2 * log(1 - uniform(index))), 2 * pi * uniform(index + 1)
        values += [radius * cos(angle), radius * sin(angle)]
    return values[:length]


def codes(latent: int, count: int, seed: int, name: str, step: int) -> list[list[float]]:
    """What networks from noise are given for each picture of a step, as src/engine/nn/codes.ts draws it."""
    return [random_gaussians(latent, seed, counter_of(name), step, place) for place in range(count)]


def shares(count: int, seed: int, name: str, step: int) -> list[float]:
    """How much of the real picture is in each one between real and made."""
    return [random_uniform(seed, counter_of(name), step, place) for place in range(count)]


def classes_wanted(classes: int, count: int, seed: int, step: int) -> list[int]:
    """As in src/engine/recipes/attribute.ts."""
    return [random_integer(classes, seed, counter_of("attribute.target"), step, place) for place in range(count)]
