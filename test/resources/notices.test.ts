import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the notices name every npm package that runs in Diptych, as installed', () => {
  const check = spawnSync(process.execPath, ['scripts/make-notices.mjs', '--check'], { cwd: root, encoding: 'utf8' })
  expect(check.stderr).toBe('')
  expect(check.status).toBe(0)
})

test('the notices name every photograph and every model that ships', () => {
  const notices = readFileSync(`${root}/THIRD-PARTY-NOTICES.md`, 'utf8')
  const { photos } = JSON.parse(readFileSync(`${root}/resources/photos/photos.json`, 'utf8')) as {
    photos: { file: string; author: string }[]
  }
  for (const { file, author } of photos) {
    const line = notices.split('\n').find((text) => text.includes(file))
    expect([file, line?.includes(author)]).toEqual([file, true])
  }
  for (const model of ['enlarge-x2', 'enlarge-x4', 'denoise']) expect(notices).toContain(model)
})
