// For bin/diptych: does what is missing of set-up, telling so on standard error, and prints the path of the engine's Node.
import { SetupError, ensureSetup } from './index.mjs'

try {
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
  const { node24 } = await ensureSetup({ log: (line) => console.error(line), interactive, want: 'headless' })
  console.log(node24)
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`diptych: ${error.message} ${error.remedy}`)
  process.exitCode = 1
}
