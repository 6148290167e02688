import { refuse, type Refused } from '../../../core/errors.ts'

/** What people hand over in place of weights, by how it begins. */
const kinds: readonly { isOne: (start: Buffer) => boolean; message: string; remedy: string }[] = [
  {
    // ModelProto: ir_version, a small number, then the producer's name or the next field.
    isOne: (start) =>
      start[0] === 0x08 && start.readUInt8(1) < 0x40 && [0x12, 0x1a, 0x3a, 0x42].includes(start.readUInt8(2)),
    message: 'is a network in ONNX, which Diptych does not read',
    remedy: 'Give the weights that it was made of, as PyTorch saves them: latest_net_G.pth.',
  },
  {
    isOne: (start) => start.length > 9 && start.readBigUInt64LE() < 0x1_0000_0000n && start[8] === 0x7b,
    message: 'is a file of safetensors, and not of PyTorch',
    remedy: 'If Diptych made it, it is a model already: diptych translate --model FILE.',
  },
  {
    isOne: (start) => start.subarray(0, 4).toString('latin1') === '\x89HDF',
    message: 'is a network in HDF5, which Diptych does not read',
    remedy: 'Give weights that PyTorch saved: latest_net_G.pth.',
  },
]

/** @throws Refused `torch-file-foreign` where a file begins as one of another known kind */
export function refuseForeign(start: Buffer, file: string): void {
  const found = kinds.find(({ isOne }) => isOne(start))
  if (found) throw refuse('torch-file-foreign', `${file} ${found.message}.`, found.remedy)
}

/** The refusal of what TorchScript saves. */
export function refuseProgram(file: string): Refused {
  return refuse(
    'torch-file-program',
    `${file} is a program of TorchScript, and not weights alone. Nothing of it was run.`,
    'Where it can be loaded, save its weights: torch.save(torch.jit.load(file).state_dict(), other).',
  )
}

/** The refusal of what an optimizer remembers. */
export function refuseOptimizer(file: string): Refused {
  return refuse(
    'torch-file-optimizer',
    `${file} holds what an optimizer remembers of its steps, and no network.`,
    'Give the network that it trained: latest_net_G.pth.',
  )
}
