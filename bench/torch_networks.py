"""The published networks in PyTorch, written from the papers, for parity fixtures and benchmarks.

U-Net and PatchGAN: Isola et al. 2017, https://arxiv.org/abs/1611.07004. ResNet generator: Johnson et al. 2016 as used
by Zhu et al. 2017, https://arxiv.org/abs/1703.10593. Sizes, norms and biases follow the settings that the field
compares with (pytorch-CycleGAN-and-pix2pix).

Every convolution lives in a `Layer`, so that `state` can name and lay out its tensors as Diptych's engine does:
convolutions `[kh,kw,in,out]`, transposed convolutions `[kh,kw,out,in]`, pictures NHWC outside and NCHW inside.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NORM_EPSILON = 1e-5
NORM_MOMENTUM = 0.1  # PyTorch's convention: running = 0.9 * running + 0.1 * seen


def make_norm(kind: str, channels: int) -> nn.Module | None:
    """Batch norm learns scale and offset and keeps running statistics; instance norm has neither."""
    if kind == "batch":
        return nn.BatchNorm2d(channels, eps=NORM_EPSILON, momentum=NORM_MOMENTUM)
    if kind == "instance":
        return InstanceNorm(channels)
    if kind == "none":
        return None
    raise ValueError(f"Unknown norm {kind!r}: use batch, instance or none.")


class InstanceNorm(nn.InstanceNorm2d):
    """PyTorch's, without scale and offset, with the gradient that comes back laid out as its kernel takes it to be.

    For a batch of one on a processor, PyTorch 2.15 reads a channels_last gradient as if it were contiguous: what it passes on
    has nothing to do with the true gradient (relative error 1.4, sqrt 2, as of two random tensors), and nothing says so.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=NORM_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        if y.requires_grad:
            y.register_hook(Tensor.contiguous)
        return y


class Layer(nn.Module):
    """A convolution and the norm behind it. Batch norm's offset makes a bias pointless, so it has none there."""

    def __init__(self, conv: type[nn.Module], sizes: tuple[int, int], norm: str, bias: bool, **shape: int) -> None:
        super().__init__()
        self.conv = conv(*sizes, bias=bias, **shape)
        self.norm = make_norm(norm, sizes[1])

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x if self.norm is None else self.norm(x)


class UnetGenerator(nn.Module):
    """[N,inputNc,S,S] to [N,outputNc,S,S] in [-1,1], S a multiple of 2**downs; 4x4 stride-2 convolutions, skips.

    `down1`, `up1` are the outermost. The three inner blocks of width 8 ngf drop half of their values if asked to.
    """

    def __init__(self, input_nc: int, output_nc: int, downs: int, ngf: int, norm: str, dropout: bool = False) -> None:
        super().__init__()
        self.downs = downs
        width = [ngf * min(2**i, 8) for i in range(downs)]
        bias = norm != "batch"
        shape = {"kernel_size": 4, "stride": 2, "padding": 1}
        for i in range(1, downs + 1):
            own_norm = norm if 1 < i < downs else "none"
            sizes = (input_nc if i == 1 else width[i - 2], width[i - 1])
            self.add_module(f"down{i}", Layer(nn.Conv2d, sizes, own_norm, bias, **shape))
        for i in range(downs, 0, -1):
            own_norm = norm if i > 1 else "none"
            sizes = (width[i - 1] * (1 if i == downs else 2), output_nc if i == 1 else width[i - 2])
            self.add_module(f"up{i}", Layer(nn.ConvTranspose2d, sizes, own_norm, bias or i == 1, **shape))
        self.dropped = range(5, downs) if dropout else range(0)

    def forward(self, x: Tensor) -> Tensor:
        skips = [x]
        for i in range(1, self.downs + 1):
            # In place: the skip then carries leaky_relu(x), and relu(leaky_relu(x)) = relu(x), so nothing changes.
            h = skips[-1] if i == 1 else F.leaky_relu(skips[-1], 0.2, inplace=True)
            skips.append(getattr(self, f"down{i}")(h))
        h = skips[self.downs]
        for i in range(self.downs, 1, -1):
            h = getattr(self, f"up{i}")(F.relu(h, inplace=True))
            if i in self.dropped:
                h = F.dropout(h, 0.5, training=self.training)
            h = torch.cat([skips[i - 1], h], dim=1)
        return torch.tanh(self.up1(F.relu(h, inplace=True)))


class ResnetGenerator(nn.Module):
    """[N,inputNc,S,S] to [N,outputNc,S,S] in [-1,1], S a multiple of 4; reflection padding, n residual blocks.

    Antialiased as in CUT (Park et al. 2020): convolutions at the greater size, and a blur where the size changes.
    """

    def __init__(
        self,
        input_nc: int,
        output_nc: int,
        blocks: int,
        ngf: int,
        norm: str,
        dropout: bool = False,
        antialiased: bool = False,
        stem_norm: bool = True,
    ) -> None:
        super().__init__()
        self.blocks = blocks
        self.dropout = dropout
        self.antialiased = antialiased
        bias = norm != "batch"
        down = {"kernel_size": 3, "stride": 1 if antialiased else 2, "padding": 1}
        self.stem = Layer(nn.Conv2d, (input_nc, ngf), norm if stem_norm else "none", bias, kernel_size=7)
        self.down1 = Layer(nn.Conv2d, (ngf, ngf * 2), norm, bias, **down)
        self.down2 = Layer(nn.Conv2d, (ngf * 2, ngf * 4), norm, bias, **down)
        for k in range(1, blocks + 1):
            names = ("conv1", "conv2")
            block = {n: Layer(nn.Conv2d, (ngf * 4, ngf * 4), norm, bias, kernel_size=3) for n in names}
            self.add_module(f"block{k}", nn.ModuleDict(block))
        up = nn.Conv2d if antialiased else nn.ConvTranspose2d
        shape = down if antialiased else down | {"output_padding": 1}
        self.up1 = Layer(up, (ngf * 4, ngf * 2), norm, bias, **shape)
        self.up2 = Layer(up, (ngf * 2, ngf), norm, bias, **shape)
        self.head = Layer(nn.Conv2d, (ngf, output_nc), "none", True, kernel_size=7)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x, self.blocks + 1)[0]

    def features(self, x: Tensor) -> list[Tensor]:
        """What CUT compares: the mirrored picture, both downsampling convolutions before their norm, block 1, block 5 (or the last)."""
        return self.run(x, min(self.blocks, 5))[1]

    def run(self, x: Tensor, until: int) -> tuple[Tensor, list[Tensor]]:
        """Up to this block, or to the end if there are no more; what came out, and the features on the way."""
        picture = reflect(x, 3)
        found = [picture]
        h = F.relu(self.stem(picture), inplace=True)
        for layer in (self.down1, self.down2):
            h = layer.conv(h)
            found.append(h)
            h = F.relu(h if layer.norm is None else layer.norm(h))
            h = halve_blurred(h) if self.antialiased else h
        for k in range(1, min(until, self.blocks) + 1):
            block = getattr(self, f"block{k}")
            r = F.relu(block["conv1"](reflect(h, 1)), inplace=True)
            if self.dropout:
                r = F.dropout(r, 0.5, training=self.training)
            h = h + block["conv2"](reflect(r, 1))
            if k in (1, min(self.blocks, 5)):
                found.append(h)
        if until <= self.blocks:
            return h, found
        for layer in (self.up1, self.up2):
            h = F.relu(layer(double_blurred(h) if self.antialiased else h), inplace=True)
        return torch.tanh(self.head(reflect(h, 3))), found


class PatchDiscriminator(nn.Module):
    """[N,C,S,S] to logits [N,1,S',S'], one a patch (70 x 70 with n = 3); no norm on the first and last layer."""

    def __init__(self, input_nc: int, ndf: int, n_layers: int, norm: str, antialiased: bool = False) -> None:
        super().__init__()
        self.count = n_layers + 2
        self.blurred = range(1, n_layers + 1) if antialiased else range(0)
        width = [input_nc] + [ndf * min(2**i, 8) for i in range(n_layers + 1)] + [1]
        for i in range(1, self.count + 1):
            edge = i in (1, self.count)
            shape = {"kernel_size": 4, "stride": 2 if i <= n_layers and not antialiased else 1, "padding": 1}
            layer = Layer(
                nn.Conv2d, (width[i - 1], width[i]), "none" if edge else norm, edge or norm != "batch", **shape
            )
            self.add_module(f"layer{i}", layer)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(1, self.count):
            x = F.leaky_relu(getattr(self, f"layer{i}")(x), 0.2, inplace=True)
            if i in self.blurred:
                x = halve_blurred(x)
        return getattr(self, f"layer{self.count}")(x)


class PixelDiscriminator(nn.Module):
    """[N,C,H,W] to logits [N,1,H,W], one a pixel; as published the last layer has a bias with instance norm only.

    Without any norm the published code leaves two biases out that the engine keeps (as in the PatchGAN).
    """

    def __init__(self, input_nc: int, ndf: int, norm: str) -> None:
        super().__init__()
        one = {"kernel_size": 1}
        self.layer1 = Layer(nn.Conv2d, (input_nc, ndf), "none", True, **one)
        self.layer2 = Layer(nn.Conv2d, (ndf, 2 * ndf), norm, norm != "batch", **one)
        self.layer3 = Layer(nn.Conv2d, (2 * ndf, 1), "none", norm != "batch", **one)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.layer1(x), 0.2, inplace=True)
        return self.layer3(F.leaky_relu(self.layer2(x), 0.2, inplace=True))


def blur_kernel(weights: list[float], like: Tensor) -> Tensor:
    """[C,1,k,k], the same blur for every channel; its sum is the square of the sum of weights."""
    line = torch.tensor(weights, dtype=like.dtype)
    return torch.outer(line, line).expand(like.shape[1], 1, -1, -1)


def halve_blurred(x: Tensor) -> Tensor:
    """[1 2 1] / 4 both ways over the mirrored picture, then every second pixel (Zhang 2019, as CUT has it)."""
    return F.conv2d(reflect(x, 1), blur_kernel([0.25, 0.5, 0.25], x), stride=2, groups=x.shape[1])


def double_blurred(x: Tensor) -> Tensor:
    """Zeros between the pixels, edges repeated before, then [1 3 3 1] / 4 both ways."""
    wide = F.pad(x, (1, 1, 1, 1), mode="replicate")
    kernel = blur_kernel([0.25, 0.75, 0.75, 0.25], x)
    return F.conv_transpose2d(wide, kernel, stride=2, groups=x.shape[1])[:, :, 3:-3, 3:-3]


def reflect(x: Tensor, size: int) -> Tensor:
    return F.pad(x, (size, size, size, size), mode="reflect")


def make_generator(
    name: str, input_nc: int, output_nc: int, ngf: int, norm: str, dropout: bool, antialiased: bool = False
) -> nn.Module:
    """`unet_256` (downs = log2 of the size) or `resnet_9blocks`."""
    kind, _, size = name.partition("_")
    if kind == "unet":
        return UnetGenerator(input_nc, output_nc, int(size).bit_length() - 1, ngf, norm, dropout)
    if kind == "resnet":
        return ResnetGenerator(input_nc, output_nc, int(size.removesuffix("blocks")), ngf, norm, dropout, antialiased)
    raise ValueError(f"Unknown generator {name!r}: use unet_256 or resnet_9blocks.")


def init_weights(net: nn.Module, kind: str = "normal", gain: float = 0.02) -> None:
    """Convolutions normal(0, gain), Xavier or Kaiming (times the gain), biases zero, batch norm scales normal(1, gain)."""
    for layer in layers(net).values():
        if kind == "normal":
            nn.init.normal_(layer.conv.weight, 0.0, gain)
        elif kind == "xavier":
            nn.init.xavier_normal_(layer.conv.weight, gain)
        elif kind == "kaiming":
            nn.init.kaiming_normal_(layer.conv.weight)
            with torch.no_grad():
                layer.conv.weight.mul_(gain)
        else:
            raise ValueError(f"Unknown init {kind!r}: use normal, xavier or kaiming.")
        if layer.conv.bias is not None:
            nn.init.zeros_(layer.conv.bias)
        if isinstance(layer.norm, nn.BatchNorm2d):
            nn.init.normal_(layer.norm.weight, 1.0, gain)
            nn.init.zeros_(layer.norm.bias)


def layers(net: nn.Module) -> dict[str, Layer]:
    return {name: module for name, module in net.named_modules() if isinstance(module, Layer)}


def weights(net: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Parameters under the engine's names, outermost first as the network declares them."""
    for name, layer in layers(net).items():
        yield f"{name}.weight", layer.conv.weight
        if layer.conv.bias is not None:
            yield f"{name}.bias", layer.conv.bias
        if isinstance(layer.norm, nn.BatchNorm2d):
            yield f"{name}.norm.scale", layer.norm.weight
            yield f"{name}.norm.offset", layer.norm.bias


def statistics(net: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Batch norm's running mean and (unbiased) variance, which no gradient moves."""
    for name, layer in layers(net).items():
        if isinstance(layer.norm, nn.BatchNorm2d):
            yield f"{name}.norm.mean", layer.norm.running_mean
            yield f"{name}.norm.variance", layer.norm.running_var


def cancelled_biases(net: nn.Module) -> list[str]:
    """Biases in front of a norm: it subtracts them again, so their true gradient is zero and rounding is all of it."""
    return [f"{n}.bias" for n, l in layers(net).items() if l.norm is not None and l.conv.bias is not None]


def to_engine(name: str, value: Tensor) -> Tensor:
    """Both kinds of convolution take the same turn: [a,b,kh,kw] to [kh,kw,b,a]."""
    value = value.detach()
    return (value.permute(2, 3, 1, 0) if name.endswith(".weight") else value).contiguous().clone()


def from_engine(name: str, value: Tensor) -> Tensor:
    return value.permute(3, 2, 0, 1) if name.endswith(".weight") else value


def state(net: nn.Module) -> dict[str, Tensor]:
    """Weights and running statistics in the engine's names and layouts."""
    return {name: to_engine(name, value) for name, value in [*weights(net), *statistics(net)]}


def load_state(net: nn.Module, values: dict[str, Tensor]) -> None:
    """Strict: a missing or unknown name is an error."""
    own = dict([*weights(net), *statistics(net)])
    if own.keys() != values.keys():
        raise ValueError(f"Names differ: {sorted(own.keys() ^ values.keys())}")
    with torch.no_grad():
        for name, target in own.items():
            target.copy_(from_engine(name, values[name]))


def gradients(net: nn.Module) -> dict[str, Tensor]:
    return {name: to_engine(name, value.grad) for name, value in weights(net) if value.grad is not None}


def to_nchw(picture: Tensor) -> Tensor:
    return picture.permute(0, 3, 1, 2)


def to_nhwc(picture: Tensor) -> Tensor:
    return picture.detach().permute(0, 2, 3, 1).contiguous()
