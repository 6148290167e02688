import { readFileSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '../errors.mjs'
import { hashText } from '../hash.mjs'

const own = import.meta.dirname
const ownSources = readdirSync(own)
  .filter((name) => /\.(cc|h)$/.test(name))
  .sort()

/**
 * What is added to tfjs-node's sources: `text` after the one place in `file` that reads `after`.
 * @type {readonly { file: string, after: string, text: string }[]}
 */
const patches = [
  {
    file: 'tfjs_backend.h',
    after: ' public:\n  bool is_gpu_device;\n',
    text: '  friend class RecordedFunctions;\n',
  },
  {
    file: 'tfjs_binding.cc',
    after: '#include "tfjs_backend.h"\n',
    text: '#include "recorded_functions.h"\n#include "kernels.h"\n#include "samples.h"\n',
  },
  {
    file: 'tfjs_binding.cc',
    after: '  napi_property_descriptor exports_properties[] = {\n',
    text: [
      'addFunction',
      'removeFunction',
      'callFunction',
      'describeTensor',
      'hasOwnKernels',
      'readTile',
      'blendTile',
      'roundSamples',
    ]
      .map(property)
      .join(''),
  },
]

/** @param {string} name in JavaScript; in C++ it begins with a capital */
function property(name) {
  const native = name[0]?.toUpperCase() + name.slice(1)
  return `      {"${name}", nullptr, ${native}, nullptr, nullptr, nullptr, napi_default, nullptr},\n`
}

/** Changes whenever what is added does. */
export const addonRevision = hashText(
  [JSON.stringify(patches), ...ownSources.map((name) => readFileSync(join(own, name), 'utf8'))].join('\n'),
).slice(0, 8)

/**
 * Copies the binding's sources and adds ours.
 * @param {string} source the folder of tfjs-node's C++ @param {string} target
 * @returns {Promise<string[]>} the files to compile
 * @throws {SetupError} `addon-changed` where tfjs-node no longer reads as it did
 */
export async function preparePatchedSources(source, target) {
  await mkdir(target, { recursive: true })
  for (const name of readdirSync(source).filter((entry) => /\.(cc|h)$/.test(entry)))
    await copyFile(join(source, name), join(target, name))
  for (const name of ownSources) await copyFile(join(own, name), join(target, name))
  for (const { file, after, text } of patches) {
    const path = join(target, file)
    await writeFile(path, insert(await readFile(path, 'utf8'), { file, after, text }))
  }
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc', ...ownSources.filter((name) => name.endsWith('.cc'))]
  return sources.map((name) => join(target, name))
}

/** @param {string} whole @param {(typeof patches)[number]} patch */
export function insert(whole, { file, after, text }) {
  const parts = whole.replaceAll('\r\n', '\n').split(after)
  const [before, rest] = parts
  if (parts.length === 2) return `${before}${after}${text}${rest}`
  throw new SetupError(
    'addon-changed',
    `The TensorFlow binding's ${file} has ${parts.length - 1} places that read "${after.trim()}" instead of one, so Diptych's calls cannot be added to it.`,
    'Install the version of @tensorflow/tfjs-node-gpu that package-lock.json names, or adapt scripts/setup/addon/patches.mjs.',
  )
}
