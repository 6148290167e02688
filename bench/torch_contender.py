"""PyTorch's, onnxruntime's and OpenVINO's side of `npm run bench`; bench/main.ts starts one process a task and reads the JSON line it prints.

    torch_contender.py prepare DIR ROW                   writes given.safetensors (weights, batch) and expected.safetensors
    torch_contender.py time DIR ROW CONTENDER SAMPLES    times it

ROW is one row of bench/rows.ts as JSON. CONTENDER is JSON: {"engine": ..., "precision": ...}; engines are torch-contiguous,
torch-channels_last, onnxruntime and openvino.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from torch_networks import init_weights, load_state, make_generator, state, to_nchw, to_nhwc
from torch_steppers import AdversaryStepper, Drawing, Stepper, make_stepper, pictures_in_step
from train_pix2pix import set_training, set_translating

WARM_UP = 3
MATMUL = 2048
# As bench/main.ts allows ours: by the norm of a network's whole gradient.
GRADIENT_LIMITS = {"float32": 1e-2, "bfloat16": 0.4}
LAYOUTS = {"torch-contiguous": torch.contiguous_format, "torch-channels_last": torch.channels_last}


def smooth_pictures(count: int, size_px: int) -> Tensor:
    coarse = torch.rand(count, 3, size_px // 8, size_px // 8) * 2 - 1
    return nn.functional.interpolate(coarse, size=(size_px, size_px), mode="bilinear").clamp(-1, 1)


def make_batch(row: dict) -> tuple[Tensor, Tensor]:
    """Before and after; where there is but one kind of picture, the same twice."""
    count = pictures_in_step(row)
    if count is not None:
        real = smooth_pictures(count, row["sizePx"])
        return real, real.clone()
    pair = smooth_pictures(2, row["sizePx"])
    return pair[:1].contiguous(), pair[1:].contiguous()


def prepare(folder: Path, row: dict) -> dict:
    """Published weights and smooth random pictures; what one step without dropout gives, or one forward pass."""
    torch.manual_seed(1)
    realA, realB = make_batch(row)
    batch = {"realA": to_nhwc(realA), "realB": to_nhwc(realB)}
    if row["kind"] == "forward":
        netG = make_row_generator(row)
        init_weights(netG)
        learn_statistics(netG, realA)
        save_file(prefixed("netG", state(netG)) | batch, folder / "given.safetensors")
        set_translating(netG, row["norm"])
        with torch.inference_mode():
            save_file({"forward": to_nhwc(netG(realA))}, folder / "expected.safetensors")
        return {"losses": {}}
    stepper = make_stepper(row, is_compared=True)
    for name, net in stepper.networks().items():
        # Codes have to say something from the first step on.
        begin = {"kind": "kaiming", "gain": 1.0} if name == "netE" else {"gain": row.get("initGain", 0.02)}
        init_weights(net, **begin)
        set_training(net)
    if isinstance(stepper, Drawing):
        batch |= stepper.draw_as_engine()
    given = {key: value for name, net in stepper.networks().items() for key, value in prefixed(name, state(net)).items()}
    save_file(given | batch, folder / "given.safetensors")
    losses = stepper.step(realA, realB)
    expected = {
        key: value for name in stepper.networks() for key, value in prefixed(name, stepper.gradients(name)).items()
    }
    save_file(expected, folder / "expected.safetensors")
    return {"losses": {name: value.item() for name, value in losses.items()}}


def learn_statistics(netG: nn.Module, x: Tensor) -> None:
    """Running statistics of the very picture, without which a new network makes nothing but grey."""
    set_training(netG)
    with torch.no_grad():
        for _ in range(30):
            netG(x)


def make_row_generator(row: dict) -> nn.Module:
    return make_generator(row["architecture"], 3, 3, row["ngf"], row["layerNorm"], False)


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value.contiguous() for name, value in tensors.items()}


def of(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(f"{prefix}/"): value for name, value in tensors.items() if name.startswith(f"{prefix}/")}


def measure(folder: Path, row: dict, contender: dict, samples: int) -> dict:
    given = load_file(folder / "given.safetensors")
    make = make_step if row["kind"] == "step" else make_forward
    run, versions = make(folder, row, contender, given)
    timing = timed(run, samples)
    threads = {"threads": torch.get_num_threads()}
    return timing | {"matmulGflops": matmul_gflops(), "versions": versions | threads}


def autocast(contender: dict) -> AbstractContextManager:
    return torch.autocast("cpu", torch.bfloat16) if contender["precision"] == "bfloat16" else nullcontext()


Run = tuple[Callable[[], None], dict]


def make_step(folder: Path, row: dict, contender: dict, given: dict[str, Tensor]) -> Run:
    layout = LAYOUTS[contender["engine"]]
    realA, realB = (to_nchw(given[name]).contiguous(memory_format=layout) for name in ("realA", "realB"))

    def begin(is_compared: bool) -> Stepper | AdversaryStepper:
        stepper = make_stepper(row, is_compared)
        for name, net in stepper.networks().items():
            load_state(net, of(name, given))
            net.to(memory_format=layout)
            set_training(net)
        return stepper

    def advance(stepper: Stepper | AdversaryStepper) -> None:
        with autocast(contender):
            losses = stepper.step(realA, realB)
        for value in losses.values():
            value.item()

    plain = begin(is_compared=True)
    if isinstance(plain, Drawing):
        plain.take_draws(given)
    advance(plain)
    precision = contender["precision"]
    most = max(GRADIENT_LIMITS[precision], row.get("gradientLimits", {}).get(precision, 0))
    check_gradients(plain, load_file(folder / "expected.safetensors"), contender, most)
    stepper = begin(is_compared=False)
    return lambda: advance(stepper), {"torch": torch.__version__}


def check_gradients(
    stepper: Stepper | AdversaryStepper, expected: dict[str, Tensor], contender: dict, most: float
) -> None:
    """Nobody is timed who computes something else."""
    for name in stepper.networks():
        wanted = of(name, expected)
        differences = [(value.float() - wanted[key]).norm() for key, value in stepper.gradients(name).items()]
        error = (sum(d**2 for d in differences) / sum(value.norm() ** 2 for value in wanted.values())).sqrt().item()
        if not error <= most:
            described = f"{contender['engine']} in {contender['precision']}"
            raise SystemExit(f"{described}: the gradient of {name} differs by {error}, at most {most} is right.")


def make_forward(folder: Path, row: dict, contender: dict, given: dict[str, Tensor]) -> Run:
    netG = make_row_generator(row)
    load_state(netG, of("netG", given))
    set_translating(netG, row["norm"])
    realA = to_nchw(given["realA"]).contiguous()
    expected = load_file(folder / "expected.safetensors")["forward"]
    engine = contender["engine"]
    if engine in LAYOUTS:
        netG.to(memory_format=LAYOUTS[engine])
        x = realA.contiguous(memory_format=LAYOUTS[engine])

        def forward() -> Tensor:
            with torch.inference_mode(), autocast(contender):
                return to_nhwc(netG(x).float())

        versions = {"torch": torch.__version__}
    elif engine == "onnxruntime":
        forward, versions = make_onnxruntime(folder, netG, realA)
    else:
        forward, versions = make_openvino(netG, realA, contender["precision"])
    error = (forward() - expected).abs().mean().item()
    if error > (1e-4 if contender["precision"] == "float32" else 0.03):
        raise SystemExit(f"{engine} in {contender['precision']} gives another picture: mean difference {error}.")

    def run() -> None:
        forward()

    return run, versions


def make_onnxruntime(folder: Path, netG: nn.Module, x: Tensor) -> tuple[Callable[[], Tensor], dict]:
    import onnxruntime

    path = folder / "generator.onnx"
    torch.onnx.export(netG, (x,), str(path), input_names=["x"], output_names=["y"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feeds = {"x": x.numpy()}
    return lambda: to_nhwc(torch.from_numpy(session.run(None, feeds)[0])), {"onnxruntime": onnxruntime.__version__}


def make_openvino(netG: nn.Module, x: Tensor, precision: str) -> tuple[Callable[[], Tensor], dict]:
    import openvino

    model = openvino.convert_model(netG, example_input=x, input=[1, *x.shape[1:]])
    kind = {"float32": "f32", "bfloat16": "bf16"}[precision]
    settings = {
        "INFERENCE_PRECISION_HINT": kind,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    feed = x.numpy()

    def forward() -> Tensor:
        return to_nhwc(torch.from_numpy(next(iter(request.infer([feed]).values())).copy()))

    return forward, {"openvino": openvino.__version__}


def timed(run: Callable[[], None], samples: int) -> dict:
    for _ in range(WARM_UP):
        run()
    busy, own, began = busy_seconds(), time.process_time(), time.perf_counter()
    elapsed = []
    for _ in range(samples):
        start = time.perf_counter()
        run()
        elapsed.append((time.perf_counter() - start) * 1000)
    wall = time.perf_counter() - began
    others = (busy_seconds() - busy) - (time.process_time() - own)
    return {"medianMs": median(elapsed), "otherCores": max(0.0, others / wall)}


def busy_seconds() -> float:
    """CPU time that the whole machine has spent on anything (user, nice, system, interrupts, stolen)."""
    fields = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def matmul_gflops() -> float:
    a, b = torch.randn(MATMUL, MATMUL), torch.randn(MATMUL, MATMUL)
    best = float("inf")
    for _ in range(6):
        start = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - start)
    return 2 * MATMUL**3 / best / 1e9


def main() -> None:
    task, folder, row, *rest = sys.argv[1:]
    if task == "prepare":
        result = prepare(Path(folder), json.loads(row))
    else:
        result = measure(Path(folder), json.loads(row), json.loads(rest[0]), int(rest[1]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
