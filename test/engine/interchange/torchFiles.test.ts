import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor4D } from '../../../src/engine/backends/tf.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { readModelFile, type ModelTensor } from '../../../src/engine/interchange/modelFile.ts'
import { exportTorch, importTorch } from '../../../src/engine/interchange/torch/index.ts'
import { recogniseNetwork } from '../../../src/engine/interchange/torch/recognise.ts'
import { openTorchFile } from '../../../src/engine/interchange/torch/torchFile.ts'
import type { Network } from '../../../src/engine/nn/network.ts'
import { pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest } from '../support/numbers.ts'

const folder = new URL('../../reference/torch/', import.meta.url)
const pathOf = (name: string) => new URL(name, folder).pathname
type Case = {
  name: string
  family: 'resnet' | 'unet' | 'patch' | 'resnet_cat' | 'stylegan2'
  depth: number
  width: number | number[]
  norm: string
  dropout: boolean
}
const { files } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { files: Case[] }

const room = mkdtempSync(join(tmpdir(), 'diptych-torch-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))
beforeAll(async () => {
  await openBackend({ threads: 2 })
})

async function recognised(path: string): Promise<{ network: Network; tensors: Map<string, ModelTensor> }> {
  const opened = await openTorchFile(path)
  try {
    return recogniseNetwork(opened.tensors, path)
  } finally {
    opened.close()
  }
}

function forward(network: Network, tensors: ReadonlyMap<string, ModelTensor>, name: string): number {
  const saved = readFixtures(`torch/${name}.safetensors`)
  const weights = (one: string) => toTensor(pick(tensors, one))
  const made = tf.tidy(() =>
    network.forward(toTensor(pick(saved, 'input')) as Tensor4D, weights, { norm: 'running' }).dataSync(),
  )
  return largest(differenceOf(made, pick(saved, 'output').data))
}

describe.each(files)('$name.pth', ({ name, family, depth, width, norm, dropout }) => {
  it('is recognised, and gives the pictures of PyTorch', async () => {
    const { network, tensors } = await recognised(pathOf(`${name}.pth`))
    const kind = {
      resnet: `resnet_${depth}blocks`,
      unet: `unet_${2 ** depth}`,
      patch: `patch_${depth}layers`,
      resnet_cat: `resnet_cat_${depth}blocks`,
      stylegan2: `stylegan2_${depth}blocks`,
    }[family]
    const options = {
      resnet: { norm, ngf: width, dropout },
      unet: { norm, ngf: width },
      patch: { norm, ndf: width },
      resnet_cat: { ngf: width },
      stylegan2: { widths: [width].flat().join('-') },
    }[family]
    expect(network.architecture).toBe(kind)
    expect(network.options).toMatchObject(options)
    expect(forward(network, tensors, name)).toBeLessThan(1e-4)
  })

  it('comes back as it was: the same names, shapes and numbers', async () => {
    if (family === 'patch') return
    const [model, back] = [join(room, `${name}.safetensors`), join(room, `${name}.pth`)]
    await importTorch({ path: pathOf(`${name}.pth`), output: model, trainedSizePx: 32, norm: 'running' })
    expect(await exportTorch(model, back)).toEqual({ hasPeer: true })
    const [before, after] = [await openTorchFile(pathOf(`${name}.pth`)), await openTorchFile(back)]
    const numbers = (tensors: (typeof before)['tensors']) =>
      [...tensors]
        .filter(([key]) => !key.endsWith('num_batches_tracked'))
        .map(([key, { shape, read }]) => [key, shape, [...read()]])
        .toSorted()
    expect(numbers(after.tensors)).toEqual(numbers(before.tensors))
    expect([...after.tensors.keys()].toSorted()).toEqual([...before.tensors.keys()].toSorted())
    before.close()
    after.close()
  })
})

it('a judge is recognised, and is no model that makes pictures', async () => {
  const request = { output: join(room, 'judge.safetensors'), trainedSizePx: 32, norm: 'running' } as const
  await expect(importTorch({ path: pathOf('patch-batch.pth'), ...request })).rejects.toMatchObject({
    refusal: { code: 'torch-file-judge' },
  })
})

it('the model says what it is and where it comes from', async () => {
  const output = join(room, 'told.safetensors')
  await importTorch({
    path: pathOf('unet-batch.pth'),
    output,
    trainedSizePx: 128,
    norm: 'batch',
    licence: 'CC0',
  })
  const { header } = await readModelFile(output)
  expect(header).toMatchObject({
    name: 'unet-batch',
    norm: 'batch',
    trainedSizePx: 128,
    card: { licence: 'CC0' },
  })
  expect(() => buildNetwork(header.network.architecture, header.network.options)).not.toThrow()
})

it('a file cut off anywhere is refused, and named', async () => {
  for (const name of ['resnet-instance.pth', 'resnet-legacy.pth']) {
    const whole = readFileSync(pathOf(name))
    for (const share of [0, 0.001, 0.05, 0.3, 0.7, 0.999]) {
      const cut = join(room, `cut-${name}`)
      writeFileSync(cut, whole.subarray(0, Math.floor(whole.length * share)))
      const refused = await recognised(cut).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(refused, `${name} ${share}`).toBeInstanceOf(Refused)
      expect((refused as Refused).message).toContain(`cut-${name}`)
    }
  }
})
