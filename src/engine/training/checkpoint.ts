import { createHash } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { healthState } from '../../core/training/healthState.ts'
import { modelHeader, type ModelHeader } from '../../core/models/modelHeader.ts'
import { openSafetensors, writeSafetensors, type SafetensorsFile } from '../interchange/safetensors.ts'
import { buildNetwork } from '../networks/index.ts'
import type { NamedTensor } from '../recipes/trainer.ts'
import { namesIn, placeFolder, placeWritten, removeFolder, writeJsonAtomic } from '../storage/atomic.ts'
import { hashFile } from '../storage/hashFile.ts'

/** Where a run is, beside its tensors. Data order, crops, flips and dropout are functions of seed and step (core/random.ts). */
export const cursorSchema = z.strictObject({
  step: z.number().int(),
  learningRateScale: z.number(),
  /** The step at which a plateau last halved the learning rate. */
  halvedAtStep: z.number().int().default(0),
  rollbacks: z.array(z.strictObject({ fromStep: z.number().int(), toStep: z.number().int() })),
  health: healthState,
})
export type Cursor = z.infer<typeof cursorSchema>

/** manifest.json, written last: what the checkpoint is, and what its files must hash to. */
const manifestSchema = z.strictObject({
  schema: z.literal(1),
  step: z.number().int(),
  /** False for one written on stopping or pausing: it never counts as the best, and the next one replaces it. */
  scheduled: z.boolean(),
  /** Whole: training can go on from it. Otherwise only the generator is left. */
  whole: z.boolean(),
  validationL1: z.number().nullable(),
  /** What the generator's tensors are called in state.safetensors: `netG/`. */
  generatorPrefix: z.string(),
  /** What is left when only the generators are. */
  generatorBytes: z.number(),
  header: modelHeader,
  /** The generator of the other direction, of recipes that learn both. */
  reverse: z.strictObject({ prefix: z.string(), header: modelHeader }).nullable().default(null),
  files: z.record(z.string(), z.strictObject({ bytes: z.number(), sha256: z.string() })),
})
export type Manifest = z.infer<typeof manifestSchema>
export type SavedCheckpoint = { folder: string; manifest: Manifest; bytes: number }

const STATE = 'state.safetensors'
const GENERATOR = 'generator.safetensors'
const CURSOR = 'cursor.json'
const MANIFEST = 'manifest.json'

/** Thrown instead of saving weights that are not numbers any more. */
export class NotFinite extends Error {}

/** Folder names sort as numbers do. */
export function stepName(step: number): string {
  return String(step).padStart(8, '0')
}

function checkpointsFolder(runFolder: string): string {
  return join(runFolder, 'checkpoints')
}

function checked(tensor: NamedTensor): NamedTensor {
  return {
    ...tensor,
    data() {
      const data = tensor.data()
      for (let index = 0; index < data.length; index += 1)
        if (!Number.isFinite(data[index]))
          throw new NotFinite(`${tensor.name} holds infinite numbers or NaN.`)
      return data
    },
  }
}

function elementsOf({ shape }: { shape: readonly number[] }): number {
  return shape.reduce((product, side) => product * side, 1)
}

/** Bytes of tensors on disk, as float32. */
export function bytesOf(tensors: readonly { shape: readonly number[] }[]): number {
  return tensors.reduce((sum, tensor) => sum + 4 * elementsOf(tensor), 0)
}

export type CheckpointContent = {
  cursor: Cursor
  scheduled: boolean
  validationL1: number | null
  header: ModelHeader
  state: readonly NamedTensor[]
  generator: { prefix: string; tensors: readonly NamedTensor[] }
  reverse: (NonNullable<Manifest['reverse']> & { tensors: readonly NamedTensor[] }) | null
}

/**
 * Saves a whole checkpoint, or nothing. Tensors are read, checked and written one by one.
 * @throws NotFinite, Refused `disk-full`, `write-forbidden`
 */
export async function writeCheckpoint(
  runFolder: string,
  content: CheckpointContent,
): Promise<SavedCheckpoint> {
  const { cursor, scheduled, validationL1, header, state, generator, reverse } = content
  const folder = join(checkpointsFolder(runFolder), stepName(cursor.step))
  const cursorText = Buffer.from(`${JSON.stringify(cursorSchema.parse(cursor), null, 2)}\n`)
  const manifest: Manifest = {
    schema: 1,
    step: cursor.step,
    scheduled,
    whole: true,
    validationL1,
    generatorPrefix: generator.prefix,
    generatorBytes: bytesOf([...generator.tensors, ...(reverse?.tensors ?? [])]),
    header,
    reverse: reverse && { prefix: reverse.prefix, header: reverse.header },
    files: {},
  }
  await placeFolder(folder, async (temporary) => {
    manifest.files[STATE] = await writeSafetensors(join(temporary, STATE), {}, state.map(checked))
    await writeFile(join(temporary, CURSOR), cursorText, { flush: true })
    manifest.files[CURSOR] = {
      bytes: cursorText.length,
      sha256: createHash('sha256').update(cursorText).digest('hex'),
    }
    await writeJsonAtomic(join(temporary, MANIFEST), manifest)
  })
  return { folder, manifest, bytes: totalBytes(manifest) }
}

/** What the tensors of a whole checkpoint hash to. */
export function stateHash({ manifest }: SavedCheckpoint): string {
  const file = manifest.files[STATE]
  if (!file) throw new Error('Only a whole checkpoint has its state.')
  return file.sha256
}

function totalBytes(manifest: Manifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0)
}

/** Saved checkpoints, oldest first, and the damaged folders: no readable manifest. Tensors are not looked at. */
export async function listCheckpoints(
  runFolder: string,
): Promise<{ saved: SavedCheckpoint[]; unreadable: string[] }> {
  const saved: SavedCheckpoint[] = []
  const unreadable: string[] = []
  for (const name of await namesIn(checkpointsFolder(runFolder))) {
    if (!/^\d+$/.test(name)) continue
    const folder = join(checkpointsFolder(runFolder), name)
    const manifest = await readManifest(folder)
    if (manifest) saved.push({ folder, manifest, bytes: totalBytes(manifest) })
    else unreadable.push(folder)
  }
  return { saved: saved.sort((x, y) => x.manifest.step - y.manifest.step), unreadable }
}

/**
 * Undefined where the manifest is missing or cut off, as a damaged checkpoint's is.
 * @throws Refused `checkpoint-newer`
 */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return parseOwn(manifestSchema, JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')), folder)
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

/** What is whole but of another shape was written by another version: it is no damage. @throws Refused `checkpoint-newer` */
function parseOwn<S extends z.ZodType>(schema: S, json: unknown, folder: string): z.infer<S> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const at = parsed.error.issues[0]?.path.join('.') || basename(folder)
  throw refuse(
    'checkpoint-newer',
    `The state saved in ${folder} was written by another version of Diptych: ${at} is unknown to this one.`,
    'Update Diptych. Nothing was changed.',
  )
}

/** Keeps a damaged checkpoint under a name that nothing else looks at. @returns where it is now */
export async function setAside(folder: string): Promise<string> {
  const aside = join(dirname(folder), `damaged-${basename(folder)}`)
  await removeFolder(aside)
  await rename(folder, aside)
  return aside
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Whether every file is there and is what the manifest says. */
export async function isIntact({ folder, manifest }: SavedCheckpoint): Promise<boolean> {
  try {
    for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
      const path = join(folder, name)
      if ((await stat(path)).size !== bytes || (await hashFile(path)) !== sha256) return false
    }
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Reads the cursor and hands out the tensors, one by one as they are asked for. The checkpoint must be whole and intact. */
export async function useCheckpoint(
  { folder }: SavedCheckpoint,
  use: (state: NamedTensor[]) => void,
): Promise<Cursor> {
  const cursor = parseOwn(cursorSchema, JSON.parse(await readFile(join(folder, CURSOR), 'utf8')), folder)
  const file = openSafetensors(join(folder, STATE))
  try {
    use(lazyTensors(file, ''))
  } finally {
    file.close()
  }
  return cursor
}

function lazyTensors(file: SafetensorsFile, prefix: string): NamedTensor[] {
  return file.entries
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, shape }) => ({ name: name.slice(prefix.length), shape, data: () => file.readFloats(name) }))
}

/** From A to B as the run was asked for, or back. */
export type Way = 'forward' | 'reverse'

/** What the tensors of a way's generator are called. A thinned checkpoint of one direction holds bare names. */
function prefixFor(way: Way, { whole, generatorPrefix, reverse }: Manifest): string {
  if (way === 'forward') return whole || reverse ? generatorPrefix : ''
  if (!reverse) throw new Error('The run has learned one direction only.')
  return reverse.prefix
}

/** Hands out a generator's tensors under their bare names, whether the checkpoint is whole or thinned. */
export async function useGenerator(
  { folder, manifest }: SavedCheckpoint,
  use: (tensors: NamedTensor[]) => Promise<void>,
  way: Way = 'forward',
): Promise<void> {
  const file = openSafetensors(join(folder, manifest.whole ? STATE : GENERATOR))
  const { architecture, options } = (way === 'reverse' && manifest.reverse ? manifest.reverse : manifest)
    .header.network
  // A network that grows has more saved than it has grown to.
  const network = buildNetwork(architecture, options)
  const wanted = new Set([...network.parameters, ...network.statistics].map(({ name }) => name))
  try {
    await use(lazyTensors(file, prefixFor(way, manifest)).filter(({ name }) => wanted.has(name)))
  } finally {
    file.close()
  }
}

/** The generators of a whole checkpoint, as they are kept when it is thinned: prefixed where there are two. */
function keptTensors(file: SafetensorsFile, { generatorPrefix, reverse }: Manifest): NamedTensor[] {
  if (!reverse) return lazyTensors(file, generatorPrefix)
  const prefixes = [generatorPrefix, reverse.prefix]
  return lazyTensors(file, '').filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)))
}

/** Keeps the generators only. Whenever it is interrupted, the checkpoint is whole or thinned, never broken. */
export async function thinCheckpoint({ folder, manifest }: SavedCheckpoint): Promise<SavedCheckpoint> {
  let written = { bytes: 0, sha256: '' }
  const file = openSafetensors(join(folder, STATE))
  try {
    await placeWritten(join(folder, GENERATOR), async (temporary) => {
      written = await writeSafetensors(temporary, {}, keptTensors(file, manifest))
    })
  } finally {
    file.close()
  }
  const thinned: Manifest = { ...manifest, whole: false, files: { [GENERATOR]: written } }
  await writeJsonAtomic(join(folder, MANIFEST), thinned)
  await rm(join(folder, STATE), { force: true })
  await rm(join(folder, CURSOR), { force: true })
  return { folder, manifest: thinned, bytes: written.bytes }
}

/** The one with the smallest error on the held-out pairs (the earliest of equals), else the newest. */
export function bestOf(saved: readonly SavedCheckpoint[]): SavedCheckpoint | undefined {
  const error = ({ manifest }: SavedCheckpoint) => manifest.validationL1 ?? Infinity
  const best = saved.reduce<SavedCheckpoint | undefined>(
    (kept, one) => (error(one) < (kept ? error(kept) : Infinity) ? one : kept),
    undefined,
  )
  return best ?? saved.at(-1)
}
