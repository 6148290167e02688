// Rows of `npm run bench` that nobody else runs: bench/main.ts starts one process a row and reads the JSON line it prints.
//   alone.ts ROW [quick]
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseOptions } from '../src/core/options/parse.ts'
import { recipes } from '../src/core/recipes/index.ts'
import { translateOptions } from '../src/core/translation/events.ts'
import { openBackend, precisionFor } from '../src/engine/backends/index.ts'
import { tf } from '../src/engine/backends/tf.ts'
import { createLoader } from '../src/engine/data/loader.ts'
import { scanDataset } from '../src/engine/datasets/index.ts'
import { sharp } from '../src/engine/imaging/formats.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { translate } from '../src/engine/inference/translate.ts'
import { planFor } from '../src/engine/inference/translatePicture.ts'
import { writeModelFile } from '../src/engine/interchange/modelFile.ts'
import { buildNetwork } from '../src/engine/networks/index.ts'
import { initialValues } from '../src/engine/nn/initialise.ts'
import { createTrainer } from '../src/engine/recipes/index.ts'
import { createProject } from '../src/engine/storage/project.ts'
import { headerOf } from './header.ts'
import { ownSeconds } from './quiet.ts'
import type { AloneId, Figure } from './rows.ts'
import { slopeOf } from './slope.ts'

type Room = { folder: string; isQuick: boolean }

function seconds(): number {
  return performance.now() / 1000
}

async function openSample({ folder }: Room, options: Record<string, unknown>) {
  const place = join(folder, 'project')
  const { project } = await createProject(place, { name: 'bench', sample: 'map-to-satellite', dataset: null })
  if (!project.dataset) throw new Error('The sample has no data set.')
  const report = await scanDataset(project.dataset, place)
  const parsed = parseOptions(recipes.pix2pix.options, options)
  const open = () => createLoader({ report, options: parsed, seed: 1, split: 'train' })
  const { inputChannels, outputChannels, scale } = open()
  const precision = precisionFor('auto', 'learning')
  const context = { inputChannels, outputChannels, scale, precision }
  return { open, trainer: () => createTrainer('pix2pix', parsed, context) }
}

/** How long a batch takes alone, and which share of a training step is spent waiting for it. */
async function measureLoader(room: Room): Promise<Figure[]> {
  const { open, trainer: create } = await openSample(room, { netG: 'unet_256', cropSizePx: 256 })
  const loader = open()
  const epoch = async (first: number): Promise<number> => {
    const from = seconds()
    for (let step = first; step < first + loader.count; step += 1) await loader.next(step)
    return (1000 * (seconds() - from)) / loader.count
  }
  const coldMs = await epoch(1)
  const cachedMs = await epoch(1 + loader.count)
  const [trainer, fresh] = [create(), open()]
  const steps = room.isQuick ? 10 : loader.count
  let [waited, began] = [0, 0]
  for (let step = 1; step <= steps; step += 1) {
    const from = seconds()
    const batch = await fresh.next(step)
    // The first step records.
    if (step > 1) waited += seconds() - from
    await trainer.train({ ...batch, step, seed: 1, learningRate: 2e-4 })
    if (step === 1) began = seconds()
  }
  const stalls = (100 * waited) / (seconds() - began)
  trainer.dispose()
  return [
    { name: 'a batch when its pictures are first read', value: coldMs, unit: 'ms' },
    { name: 'a batch from the cache', value: cachedMs, unit: 'ms' },
    {
      name: 'of a Pix2Pix step spent waiting for it, first epoch',
      value: stalls,
      unit: '%',
      atMost: 2,
      stretch: 0.5,
    },
  ]
}

/** A new residual network, 650 multiplications a pixel: it gives what it is given, so that results are photographs again. */
async function writeLightModel(path: string, bitDepth: 8 | 16): Promise<void> {
  const header = headerOf('residual_1blocks', { ngf: 4 }, 'running', bitDepth)
  const { parameters } = buildNetwork(header.network.architecture, header.network.options)
  const tensors = parameters.map((one) => ({
    ...one,
    data: () => initialValues(one, 'netG', { kind: 'kaiming', gain: 1, seed: 1 }),
  }))
  await writeModelFile(path, header, tensors)
}

const [WIDTH, HEIGHT] = [6000, 4000]

/** The sample's photographs at 24 megapixels, with grain: JPEG takes as long for them as for a camera's. */
async function makePhotographs(folder: string, count: number): Promise<string[]> {
  const source = fileURLToPath(new URL('../resources/samples/photographs/photographs', import.meta.url))
  const names = (await readdir(source, { recursive: true })).filter((name) =>
    /\.(jpe?g|png|webp)$/i.test(name),
  )
  await mkdir(folder)
  const grain = await sharp({
    create: {
      width: WIDTH,
      height: HEIGHT,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 8 },
    },
  })
    .png({ compressionLevel: 0 })
    .toBuffer()
  const paths = names.slice(0, count).map((_, index) => join(folder, `${index}.jpg`))
  for (const [index, path] of paths.entries())
    await sharp(join(source, names[index] as string))
      .resize(WIDTH, HEIGHT, { fit: 'fill' })
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
      .toFile(path)
  return paths
}

/** What libvips by itself needs to decode the pictures and to encode them again as Diptych does. */
async function transcodeAll(
  paths: readonly string[],
  folder: string,
  format: 'jpeg' | 'tiff',
): Promise<void> {
  await mkdir(folder)
  for (const [index, path] of paths.entries()) {
    const picture = sharp(path)
    if (format === 'jpeg')
      await picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toFile(join(folder, `${index}.jpg`))
    else
      await picture
        .toColourspace('rgb16')
        .tiff({ compression: 'deflate', predictor: 'horizontal' })
        .toFile(join(folder, `${index}.tif`))
  }
}

async function spent(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const [wall, cpu] = [seconds(), ownSeconds()]
  await work()
  return { wall: seconds() - wall, cpu: ownSeconds() - cpu }
}

/** The tiles of as many pictures, without pictures. */
async function runTilesAlone(modelPath: string, pictures: number, memoryMb: number): Promise<void> {
  const model = await openModel(modelPath, precisionFor('auto', 'translating'))
  // The picture and its result.
  const keptBytes = 2 * WIDTH * HEIGHT * 3
  const plan = await planFor(model, { widthPx: WIDTH, heightPx: HEIGHT }, { memoryMb, keptBytes })
  const [width, height] = [plan.x.tilePx, plan.y.tilePx]
  const tile = Float32Array.from({ length: width * height * 3 }, (_, at) => Math.sin(at))
  for (let run = 0; run < pictures * plan.tiles; run += 1)
    (await model.compute(tile, height, width)).dispose()
  model.dispose()
}

async function measureFolder({ folder, isQuick }: Room, format: 'jpeg' | 'tiff'): Promise<Figure[]> {
  const count = isQuick ? 1 : 8
  const paths = await makePhotographs(join(folder, 'in'), count)
  const modelPath = join(folder, 'light.safetensors')
  await writeLightModel(modelPath, format === 'tiff' ? 16 : 8)
  const options = translateOptions.parse({ format })
  const run = async (output: string, inputs = [join(folder, 'in')]) => {
    for await (const event of translate({ modelPath, inputs, output, options }, new AbortController().signal))
      if (event.type === 'item-failed' || event.type === 'translate-failed')
        throw new Error(event.refusal.message)
  }
  // Warm up: the first call of everything costs more.
  await run(join(folder, 'warm'), paths.slice(0, 1))
  const io = await spent(() => transcodeAll(paths, join(folder, 'libvips'), format))
  const inference = await spent(() => runTilesAlone(modelPath, count, options.memoryMb))
  const all = await spent(() => run(join(folder, 'out')))
  const ideal = (io.cpu + inference.cpu) / 2
  return [
    { name: 'a photograph', value: all.wall / count, unit: 's' },
    { name: 'processor time of libvips alone', value: io.cpu / count, unit: 's a photograph' },
    { name: 'inference by libvips', value: inference.cpu / io.cpu, unit: 'x' },
    { name: 'both cores kept busy', value: (100 * all.cpu) / (2 * all.wall), unit: '%' },
    {
      name: 'wall time by half the processor time of both',
      value: all.wall / ideal,
      unit: 'x',
      atMost: 1.1,
      stretch: 1.02,
    },
  ]
}

/** Resident memory over the steps, after which nothing new should be kept. */
async function measureSoak(room: Room): Promise<Figure[]> {
  const options = { netG: 'unet_64', cropSizePx: 64, loadSizePx: 72, ngf: 16, ndf: 16 }
  const { open, trainer: create } = await openSample(room, options)
  const [loader, trainer] = [open(), create()]
  const [steps, warm, every] = room.isQuick ? [60, 20, 10] : [2000, 200, 20]
  const resident: { step: number; kilobytes: number }[] = []
  const tensors = new Set<number>()
  for (let step = 1; step <= steps; step += 1) {
    const batch = await loader.next(step)
    await trainer.train({ ...batch, step, seed: 1, learningRate: 2e-4 })
    if (step < warm || step % every !== 0) continue
    resident.push({ step, kilobytes: process.memoryUsage().rss / 1000 })
    tensors.add(tf.memory().numTensors)
  }
  trainer.dispose()
  const { slope, least } = slopeOf(resident.map(({ step, kilobytes }) => [step, kilobytes]))
  return [
    { name: 'different counts of tensors', value: tensors.size, unit: '', atMost: 1, stretch: 1 },
    { name: 'growth of resident memory', value: slope, unit: 'kB a step' },
    { name: 'the least it may be (95%)', value: least, unit: 'kB a step', atMost: 0, stretch: 0 },
  ]
}

const measures: Record<AloneId, (room: Room) => Promise<Figure[]>> = {
  loader: measureLoader,
  'folder-jpeg': (room) => measureFolder(room, 'jpeg'),
  'folder-tiff': (room) => measureFolder(room, 'tiff'),
  soak: measureSoak,
}

async function main(): Promise<void> {
  const [id, mode] = process.argv.slice(2)
  const measure = measures[id as AloneId]
  await openBackend()
  const folder = await mkdtemp(join(tmpdir(), 'diptych-bench-'))
  try {
    process.stdout.write(`${JSON.stringify(await measure({ folder, isQuick: mode === 'quick' }))}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
