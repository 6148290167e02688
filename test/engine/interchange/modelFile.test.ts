import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { readModelFile, readModelHeader, writeModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { writeSafetensors } from '../../../src/engine/interchange/safetensors.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

function header(options: Record<string, unknown>): ModelHeader {
  const space = { channels: 3, bitDepth: 8, low: -1, high: 1, colourSpace: 'srgb' } as const
  return {
    format: 'diptych-model',
    version: 1,
    name: 'Test',
    task: 'translate',
    network: { architecture: 'unet_16', options },
    input: space,
    output: space,
    norm: 'batch',
    trainedSizePx: 16,
    card: { summary: 's', goodFor: 'g', limits: 'l', source: 's', licence: 'l' },
    training: null,
  }
}

const tensors = new Map([
  ['down1.weight', { shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) }],
  ['bias', { shape: [1], data: new Float32Array([-1]) }],
])

test('a model file comes back as it was, and its header without its weights', async () => {
  const path = join(await temporaryFolder(), 'models', 'a model.safetensors')
  await writeModelFile(path, header({ ngf: 4 }), tensors)
  const read = await readModelFile(path)
  expect(read.header).toEqual(header({ ngf: 4 }))
  expect(Object.fromEntries(read.tensors)).toEqual(Object.fromEntries(tensors))
  expect(await readModelHeader(path)).toEqual(header({ ngf: 4 }))
})

test('the order in which options or tensors come changes no byte', async () => {
  const folder = await temporaryFolder()
  await writeModelFile(join(folder, '1'), header({ ngf: 4, norm: 'batch' }), tensors)
  await writeModelFile(join(folder, '2'), header({ norm: 'batch', ngf: 4 }), new Map([...tensors].reverse()))
  expect((await readFile(join(folder, '1'))).equals(await readFile(join(folder, '2')))).toBe(true)
})

test('what is not a model of ours is refused by name', async () => {
  const folder = await temporaryFolder()
  const foreign = join(folder, 'foreign.safetensors')
  await writeSafetensors(foreign, {}, [])
  await expect(readModelHeader(foreign)).rejects.toThrow('nothing that says how to use them')
  const wrong = join(folder, 'wrong.safetensors')
  await writeSafetensors(wrong, { diptych: JSON.stringify({ ...header({}), version: 2 }) }, [])
  await expect(readModelFile(wrong)).rejects.toThrow('version is wrong')
  const text = join(folder, 'text.safetensors')
  await writeFile(text, 'hello, I am not a model')
  await expect(readModelHeader(text)).rejects.toMatchObject({ refusal: { code: 'safetensors-damaged' } })
  await expect(readModelHeader(join(folder, 'none'))).rejects.toMatchObject({
    refusal: { code: 'model-missing' },
  })
  await expect(readModelHeader(folder)).rejects.toMatchObject({ refusal: { code: 'model-missing' } })
})

test('a write that fails leaves the model that was there', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'model.safetensors')
  await writeModelFile(path, header({}), tensors)
  const before = await readFile(path)
  const broken = [{ name: 'x', shape: [1], data: () => new Float32Array(2) }]
  await expect(writeModelFile(path, header({}), broken)).rejects.toThrow()
  expect((await readFile(path)).equals(before)).toBe(true)
})
