import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readModelFile } from '../../src/engine/interchange/modelFile.ts'
import { openTorchFile } from '../../src/engine/interchange/torch/torchFile.ts'
import { runCli } from '../support/cli.ts'
import { makeRoom } from '../support/tinyProject.ts'

const room = makeRoom()
afterAll(() => rmSync(room, { recursive: true, force: true }))

const reference = (name: string) => new URL(`../reference/torch/${name}`, import.meta.url).pathname
const model = join(room, 'model.safetensors')

/** All tensors of a state_dict: their shapes and numbers by name. */
async function tensorsIn(path: string): Promise<Map<string, unknown>> {
  const opened = await openTorchFile(path)
  try {
    return new Map([...opened.tensors].map(([name, { shape, read }]) => [name, { shape, data: [...read()] }]))
  } finally {
    opened.close()
  }
}

describe('a model file without a run', () => {
  beforeAll(async () => {
    const { code } = await runCli(['import', reference('stylegan2.pth'), '--output', model])
    expect(code).toBe(0)
  })

  it('becomes weights for PyTorch beside it, and these the same model again', async () => {
    const { code, last } = await runCli(['export', '--model', model, '--format', 'pth', '--json'])
    expect(code).toBe(0)
    const weights = join(room, 'model.pth')
    expect(last).toMatchObject({
      type: 'exported',
      model: weights,
      names: 'pytorch-CycleGAN-and-pix2pix and CUT',
    })
    expect(await tensorsIn(weights)).toEqual(await tensorsIn(reference('stylegan2.pth')))

    const again = join(room, 'again.safetensors')
    await runCli(['import', weights, '--output', again])
    expect((await readModelFile(again)).tensors).toEqual((await readModelFile(model)).tensors)
  })

  it('goes where it is told to', async () => {
    const output = join(room, 'elsewhere', 'netG.pth')
    await runCli(['export', '--model', model, '--format', 'pth', '--output', output])
    expect(readFileSync(output)).toEqual(readFileSync(join(room, 'model.pth')))
  })

  it('whose network those projects have none like keeps our names, laid out as in PyTorch', async () => {
    const output = join(room, 'enlarge.pth')
    const { stdout } = await runCli([
      'export',
      '--model',
      'enlarge-x2',
      '--format',
      'pth',
      '--output',
      output,
    ])
    expect(stdout).toContain('the names of Diptych')
    const kernel = (await tensorsIn(output)).get('conv1.weight')
    expect(kernel).toMatchObject({ shape: [16, 3, 3, 3] })
  })

  it.each([
    [['export'], 'Export a run of a project, or a model file'],
    [['export', room, '--model', model], 'Export a run of a project, or a model file'],
    [['export', '--model', model], 'is a model file already'],
    [['export', '--model', model, '--format', 'pth', '--run', 'run-001'], '--run'],
    [['export', '--model', model, '--format', 'pth', '--step', 'last'], '--step'],
    [['export', '--model', model, '--format', 'pth', '--output', model], 'write over the model'],
    [['export', room, '--output', join(room, 'x.pth')], '--output'],
    [['export', '--model', join(room, 'nowhere.safetensors'), '--format', 'pth'], 'There is no model'],
  ])('%j is wrong usage', async (args, words) => {
    const before = readFileSync(model)
    const { code, stderr } = await runCli(args)
    expect(stderr).toContain(words)
    expect(code).toBe(2)
    expect(readFileSync(model)).toEqual(before)
    expect(existsSync(join(room, 'x.pth'))).toBe(false)
  })
})
