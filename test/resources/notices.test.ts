import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the notices name every npm package that runs in Diptych, as installed', () => {
  const check = spawnSync(process.execPath, ['scripts/make-notices.mjs', '--check'], { cwd: root, encoding: 'utf8' })
  expect(check.stderr).toBe('')
  expect(check.status).toBe(0)
})

test('the notices name every photograph and all weights that ship', () => {
  const notices = readFileSync(`${root}/THIRD-PARTY-NOTICES.md`, 'utf8')
  const { photos } = JSON.parse(readFileSync(`${root}/resources/photos/photos.json`, 'utf8')) as {
    photos: { file: string; author: string }[]
  }
  for (const { file, author } of photos) {
    const line = notices.split('\n').find((text) => text.includes(file))
    expect([file, line?.includes(author)]).toEqual([file, true])
  }
  const weights = readdirSync(`${root}/resources`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => path.basename(name, '.safetensors'))
  expect(weights.sort()).toEqual(['denoise', 'efficientnet-lite0', 'enlarge-x2', 'enlarge-x4', 'st-lpips'])
  for (const name of weights) expect(notices).toContain(name)
})
