// Records what the health of runs on the samples was judged by, one file a run: bin/node24 test/reference/makeHealth.ts [NAME ...]
// Small pictures and networks, so that all of them take half an hour on two cores.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recordHistory, type History } from '../engine/training/support/healthHistory.ts'

const narrow = { ngf: 16, ndf: 16 }
const pairs = { ...narrow, netG: 'unet_64', loadSizePx: 72, cropSizePx: 64, sampleEvery: 50 }
const unpaired = { ngf: 8, ndf: 16, netG: 'resnet_3blocks', cropSizePx: 64, sampleEvery: 100 }
const ground = { ...unpaired, preprocess: 'crop' }
const paintings = { ...unpaired, preprocess: 'scale_width_and_crop', loadSizePx: 96 }
const clothes = { ...narrow, cropSizePx: 28, sampleEvery: 100, sampleCount: 20 }
const critic = { ...clothes, batchSize: 32 }

const runs: Record<string, Pick<History, 'sample' | 'recipe' | 'options' | 'steps'>> = {
  'pix2pix-map': { sample: 'map-to-satellite', recipe: 'pix2pix', steps: 800, options: pairs },
  'pix2pix-night': { sample: 'day-to-night', recipe: 'pix2pix', steps: 800, options: pairs },
  'bicyclegan-map': {
    sample: 'map-to-satellite',
    recipe: 'bicyclegan',
    steps: 500,
    options: { ...pairs, nef: 16 },
  },
  'cyclegan-night': { sample: 'day-to-night-unpaired', recipe: 'cyclegan', steps: 500, options: ground },
  'cyclegan-painting': { sample: 'photo-to-painting', recipe: 'cyclegan', steps: 500, options: paintings },
  'cut-night': { sample: 'day-to-night-unpaired', recipe: 'cut', steps: 400, options: ground },
  // Not on the paintings: the judge learns eight of them by heart, which is told, and rightly.
  'fastcut-night': { sample: 'day-to-night-unpaired', recipe: 'fastcut', steps: 400, options: ground },
  'restore-photographs': {
    sample: 'photographs',
    recipe: 'restore',
    steps: 400,
    options: { preprocess: 'crop', cropSizePx: 64, batchSize: 2, ngf: 16, sampleEvery: 100 },
  },
  'gan-clothes': { sample: 'fashion', recipe: 'gan', steps: 600, options: clothes },
  'gan-dense-clothes': { sample: 'fashion', recipe: 'gan', steps: 600, options: { ...clothes, netG: 'dense' } },
  'cgan-clothes': { sample: 'fashion', recipe: 'cgan', steps: 600, options: clothes },
  'wgan-clothes': { sample: 'fashion', recipe: 'wgan', steps: 600, options: critic },
  'wgan-gp-clothes': { sample: 'fashion', recipe: 'wgan-gp', steps: 400, options: critic },
  'progressive-clothes': {
    sample: 'fashion',
    recipe: 'progressive',
    steps: 400,
    options: { cropSizePx: 32, ngf: 16, batchSize: 16, sampleEvery: 100, sampleCount: 20 },
  },
  'attribute-clothes': {
    sample: 'fashion',
    recipe: 'attribute',
    steps: 250,
    options: { ...narrow, netG: 'resnet_3blocks', cropSizePx: 32, batchSize: 8, sampleEvery: 50 },
  },
}

const folder = fileURLToPath(new URL('./health', import.meta.url))
await mkdir(folder, { recursive: true })
const asked = process.argv.slice(2)
for (const [name, run] of Object.entries(runs)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const history = await recordHistory(run)
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(history)}\n`)
  console.log(`${name}: ${history.told.join(', ') || 'nothing told'}`)
}
