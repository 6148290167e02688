import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor } from '../../../src/engine/backends/tf.ts'

export type Fixture = { shape: number[]; data: Float32Array }

const folder = new URL('../../reference/', import.meta.url)

const headerSchema = z.record(
  z.string(),
  z.object({ shape: z.array(z.number()), data_offsets: z.tuple([z.number(), z.number()]) }),
)

/** All tensors of one file of test/reference, by name. */
export function readFixtures(file: string): Map<string, Fixture> {
  const bytes = readFileSync(new URL(file, folder))
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: _, ...entries } = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as Record<
    string,
    unknown
  >
  return new Map(
    Object.entries(headerSchema.parse(entries)).map(
      ([
        name,
        {
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const data = bytes.buffer.slice(
          bytes.byteOffset + headerEnd + start,
          bytes.byteOffset + headerEnd + end,
        )
        return [name, { shape, data: new Float32Array(data as ArrayBuffer) }]
      },
    ),
  )
}

/** The tensor of this name, or a failed test. */
export function pick<T>(from: ReadonlyMap<string, T>, name: string): T {
  const found = from.get(name)
  if (found === undefined)
    throw new Error(`The fixture has no ${name}; it has ${[...from.keys()].slice(0, 20).join(', ')}.`)
  return found
}

/** The tensors whose names begin with `prefix/`, without it. */
export function below(from: ReadonlyMap<string, Fixture>, prefix: string): Map<string, Fixture> {
  return new Map(
    [...from]
      .filter(([name]) => name.startsWith(`${prefix}/`))
      .map(([name, fixture]) => [name.slice(prefix.length + 1), fixture]),
  )
}

export function toTensor({ data, shape }: Fixture): Tensor {
  return tf.tensor(data, shape, 'float32')
}

const errorSchema = z.record(
  z.string(),
  z.object({ max: z.number(), norm: z.number(), exactNorm: z.number() }),
)

const forwardCaseSchema = z.object({
  name: z.string(),
  file: z.string(),
  network: z.string(),
  inputNc: z.number(),
  outputNc: z.number(),
  width: z.number(),
  norm: z.enum(['batch', 'instance', 'none']),
  cancelled: z.array(z.string()),
})

const stepsCaseSchema = z.object({
  name: z.string(),
  file: z.string(),
  settings: z.object({
    netG: z.string(),
    inputNc: z.number(),
    outputNc: z.number(),
    ngf: z.number(),
    ndf: z.number(),
    nLayersD: z.number(),
    norm: z.enum(['batch', 'instance', 'none']),
    ganLoss: z.enum(['vanilla', 'lsgan']),
    lambdaL1: z.number(),
    learningRate: z.number(),
    beta1: z.number(),
    beta2: z.number(),
  }),
  size: z.number(),
  cancelled: z.object({ netG: z.array(z.string()), netD: z.array(z.string()) }),
  steps: z.array(z.object({ losses: z.record(z.string(), z.number()), gradientError: errorSchema })),
  weightError: errorSchema,
})
export type StepsCase = z.infer<typeof stepsCaseSchema>

/** What PyTorch said, and how far its own float32 is from its float64. */
export const manifest = z
  .object({
    forward: z.array(forwardCaseSchema),
    steps: z.array(stepsCaseSchema),
    adam: z.object({
      file: z.string(),
      steps: z.number(),
      learningRate: z.number(),
      beta1: z.number(),
      beta2: z.number(),
      epsilon: z.number(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')))
