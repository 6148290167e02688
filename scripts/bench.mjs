#!/usr/bin/env node
// npm run bench: sets up what is missing, then runs bench/main.ts on the engine's Node.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SetupError, ensureSetup } from './setup/index.mjs'

try {
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
  const setup = await ensureSetup({ log: (line) => console.error(line), interactive, want: 'headless' })
  const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url))
  // As Diptych starts its engine; PyTorch gets the same, so that neither has to give its memory back after every step.
  const environment = fileURLToPath(new URL('../src/core/engineEnvironment.json', import.meta.url))
  const { status, error } = spawnSync(setup.node24, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...JSON.parse(readFileSync(environment, 'utf8')), DIPTYCH_CACHE: setup.cache },
  })
  if (error) throw error
  process.exitCode = status ?? 1
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`${error.message} ${error.remedy}`)
  process.exitCode = 1
}
