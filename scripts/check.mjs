// npm run check: format, types, lint and dead code, side by side. Every one runs to its end, so that one look shows all that is wrong.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const modules = join(root, 'node_modules')
const worlds = ['core', 'node', 'scripts', 'app', 'renderer', 'test']

const checks = [
  {
    name: 'lint',
    script: 'eslint/bin/eslint.js',
    args: ['.', '--max-warnings=0', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  },
  ...worlds.map((world) => ({
    name: `types (${world})`,
    script: 'typescript/bin/tsc',
    args: ['-p', `tsconfig.${world}.json`],
  })),
  {
    name: 'format',
    script: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level=warn', '--cache', '.'],
  },
  { name: 'dead code', script: 'knip/bin/knip.js', args: ['--no-progress'] },
]

/** @param {{ script: string, args: string[] }} check @returns {Promise<{ ok: boolean, output: string }>} */
function runCheck({ script, args }) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(modules, script), ...args], { cwd: root })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', fail)
    child.on('close', (code) => done({ ok: code === 0, output }))
  })
}

async function main() {
  if (!existsSync(modules)) {
    console.error('The packages are not installed. Run npm test or npm start once: they set everything up.')
    return 1
  }
  // The compiler does not make the folder of its own cache.
  mkdirSync(join(modules, '.cache', 'tsc'), { recursive: true })
  const queue = [...checks]
  let failed = 0
  const work = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const startedAt = Date.now()
      const { ok, output } = await runCheck(check)
      console.log(
        `check ${check.name}: ${ok ? 'passed' : 'FAILED'} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
      )
      if (!ok) {
        failed += 1
        console.log(output.trimEnd())
      }
    }
  }
  await Promise.all([work(), work()])
  console.log(`Checks: ${checks.length - failed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

process.exitCode = await main()
