#!/usr/bin/env node
// Set-up alone: node scripts/setup.mjs [headless | studio | test]. Prints what is set up as JSON.
import { SetupError, ensureSetup } from './setup/index.mjs'

const want = process.argv[2] ?? 'studio'
if (want !== 'headless' && want !== 'studio' && want !== 'test') {
  console.error(`"${want}" is not a kind of set-up. Use headless, studio or test.`)
  process.exit(2)
}
try {
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
  const setup = await ensureSetup({ log: (line) => console.error(line), interactive, want })
  console.log(JSON.stringify(setup, null, 2))
  process.exitCode = setup.problems.length > 0 ? 1 : 0
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`${error.message} ${error.remedy}`)
  process.exitCode = 1
}
