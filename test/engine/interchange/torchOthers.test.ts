import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { randomBits } from '../../../src/core/random.ts'
import { Refused } from '../../../src/core/errors.ts'
import { importTorch } from '../../../src/engine/interchange/torch/index.ts'

const folder = new URL('../../reference/torch/', import.meta.url).pathname
const room = mkdtempSync(join(tmpdir(), 'diptych-others-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))

/** What an import of a file is refused with: one sentence that names the file, and a remedy; nothing is left behind. */
async function refusalOf(path: string): Promise<{ code: string; message: string }> {
  const request = {
    path,
    output: join(room, 'made.safetensors'),
    trainedSizePx: 256,
    norm: 'running',
  } as const
  const outcome = await importTorch(request).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(Refused)
  const { refusal } = outcome as Refused
  expect(refusal.message).toContain(basename(path))
  expect(refusal.message).toMatch(/^[^\n]+\.$/)
  expect(refusal.remedy).toMatch(/^[^\n]+\.?$/)
  expect(readdirSync(room)).not.toContain('made.safetensors')
  return refusal
}

const written = (name: string, bytes: Uint8Array): string => {
  const path = join(room, name)
  writeFileSync(path, bytes)
  return path
}

describe('what is no generator is called by its name', () => {
  it.each([
    ['patch-batch.pth', 'torch-file-judge', 'patch_3layers'],
    ['patch-antialiased.pth', 'torch-file-judge', 'patch_3layers'],
    ['others/pixel_net_D.pth', 'torch-file-judge', 'single pixels'],
    ['others/stylegan2_net_D.pth', 'torch-file-judge', 'StyleGAN2'],
    ['others/net_F.pth', 'torch-file-sampler', 'netF'],
    ['others/strided_net_F.pth', 'torch-file-sampler', 'netF'],
    ['others/strided_net_F-legacy.pth', 'torch-file-sampler', 'netF'],
    ['others/coded_net_G.pth', 'torch-file-code', 'a code beside every picture'],
    ['others/optimizer.pth', 'torch-file-optimizer', 'an optimizer'],
    ['others/module.pth', 'torch-file-forbidden', 'a whole network with the name of its program'],
    ['others/script.pt', 'torch-file-program', 'TorchScript'],
    ['others/network.onnx', 'torch-file-foreign', 'ONNX'],
    ['resnet-batch.safetensors', 'torch-file-foreign', 'safetensors'],
    ['manifest.json', 'torch-file-damaged', 'does not begin as one does'],
  ])('%s', async (name, code, words) => {
    const refusal = await refusalOf(join(folder, name))
    expect(refusal.code).toBe(code)
    expect(refusal.message).toContain(words)
  })

  it('noise, however it begins', async () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const noise = Uint8Array.from({ length: 300 }, (_, at) => randomBits(seed, at) & 0xff)
      const { code } = await refusalOf(written('noise.pth', noise))
      expect(['torch-file-damaged', 'torch-file-foreign']).toContain(code)
    }
  })

  it('nothing, a folder, and a file that is not there', async () => {
    expect((await refusalOf(written('empty.pth', new Uint8Array()))).code).toBe('torch-file-damaged')
    expect((await refusalOf(room)).message).toContain('is a folder')
    expect((await refusalOf(join(room, 'nowhere.pth'))).message).toContain('is not there')
  })
})
