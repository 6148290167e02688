import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'
import { runCli } from '../support/cli.ts'

test('a notice ends with the flags of a new run, and train takes them', async () => {
  const room = makeRoom()
  try {
    const { a, b } = await makePairs(room)
    const project = join(room, 'project')
    await runCli(['new', project, '--a', a, '--b', b])
    const rarely = ['--sample-every', '100', '--checkpoint-every', '100']
    const flags = [...TINY_FLAGS, ...rarely, '--norm', 'none']
    const wild = await runCli(['train', project, ...flags, '--steps', '20', '--learning-rate', '0.1'])
    const said = `${wild.stdout}${wild.stderr}`
    const [, asked = ''] = /training is coming apart\..*For a new run: (--\S.*)$/m.exec(said) ?? []
    expect(asked).toBe('--learning-rate 0.0002 --clip-norm 10')
    const calm = await runCli(['train', project, ...flags, '--steps', '1', ...asked.split(' ')])
    expect(calm.code, calm.stderr).toBe(0)
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
})
