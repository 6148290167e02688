"""Turns the Inception network of published FID figures into a file that Diptych imports. Diptych does not bring these weights.

  python3 -m venv v && v/bin/pip install -r bench/requirements.txt
  v/bin/python scripts/convert_inception.py pt_inception-2015-12-05-6726825d.pth inception.safetensors

Takes a PyTorch state dict (.pth), as pytorch-fid and torch-fidelity use it. It is opened with weights_only=True: nothing in it
is run. A TorchScript file is a program and is refused.
"""

import sys

import torch
from safetensors.torch import save_file


def main(source, target):
    state = torch.load(source, weights_only=True, map_location="cpu")
    kept = {name: tensor.float().contiguous() for name, tensor in state.items() if ".conv." in name or ".bn." in name}
    kept = {name: tensor for name, tensor in kept.items() if not name.endswith("num_batches_tracked")}
    if "Mixed_7c.branch_pool.conv.weight" not in kept:
        raise SystemExit(f"{source} does not hold the Inception network of 2015 (pt_inception-2015-12-05).")
    save_file(kept, target, metadata={"source": "pt_inception-2015-12-05"})
    print(f"Wrote {len(kept)} tensors to {target}.")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
