import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProjectFile } from '../../src/core/project/project.ts'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom } from '../support/tinyProject.ts'

const room = makeRoom()
const project = join(room, 'tiny')
afterAll(() => rmSync(room, { recursive: true, force: true }))
beforeAll(async () => {
  const { a, b } = await makePairs(room)
  await runCli(['new', project, '--a', a, '--b', b])
})

async function expectWrongUsage(args: string[], ...words: string[]): Promise<void> {
  const { code, stderr } = await runCli(args)
  for (const word of words) expect(stderr).toContain(word)
  expect(code).toBe(2)
}

describe('wrong usage exits with 2 and names what was meant', () => {
  it('an unknown command or option', async () => {
    await expectWrongUsage(['trian', project], 'train')
    await expectWrongUsage(['train', project, '--lamda-l1', '5'], '--lambda-l1')
    await expectWrongUsage(['translate', 'x.png', '--output', 'y'], '--model')
  })

  it('a value that is no number, out of range, or no choice', async () => {
    await expectWrongUsage(['train', project, '--lambda-l1', 'much'], '--lambda-l1', 'much')
    await expectWrongUsage(['train', project, '--lambda-l1', '-1'], '--lambda-l1', 'at least 0')
    await expectWrongUsage(['train', project, '--net-g', 'unet_250'], '--net-g', 'unet_256')
    await expectWrongUsage(
      ['translate', 'x.png', '--output', 'y', '--model', 'z', '--memory', '2'],
      '--memory',
      '2GB',
    )
  })

  it('a recipe or preset that does not exist', async () => {
    await expectWrongUsage(['train', project, '--recipe', 'cyclegun'], 'cyclegun', 'pix2pix')
    await expectWrongUsage(['train', project, '--preset', 'quick'], 'quick')
  })

  it('threads, steps and folders that are none, before anything is written', async () => {
    await expectWrongUsage(['train', project, '--threads', 'two'], '--threads', 'two')
    await expectWrongUsage(['train', project, '--threads', '0'], '--threads')
    await expectWrongUsage(['export', project, '--step', 'middle'], '--step', 'best')
    await expectWrongUsage(['new', join(room, 'other'), '--a', room, '--b', join(room, 'nowhere')], '--b')
    await expectWrongUsage(['new', join(room, 'other'), '--name', ''], '--name')
    await expectWrongUsage(['new', join(room, 'other'), '--sample', 'maps'], 'map-to-satellite')
    expect(existsSync(join(room, 'other'))).toBe(false)
    expect(existsSync(join(project, 'runs'))).toBe(false)
  })

  it('the help of train shows what matters most apart from the rest', async () => {
    const { stdout } = await runCli(['train', '--help'])
    const [before = '', most = '', all = ''] = stdout.split(/What matters most:|All settings of the recipe:/)
    expect(before).toContain('--resume')
    expect(most).toContain('--crop-size-px')
    expect(all).toContain('--lambda-l1')
  })

  it('an option that --resume would have to ignore', async () => {
    await expectWrongUsage(['train', project, '--resume', '--steps', '9'], '--steps', 'resumed')
  })

  it('with --json the last line of standard output says so', async () => {
    const { last, code } = await runCli(['train', project, '--lamda-l1', '5', '--json'])
    expect(code).toBe(2)
    expect(last).toMatchObject({ type: 'refused', code: 'usage', remedy: 'Did you mean --lambda-l1?' })
  })

  it('a folder that is no project', async () => {
    await expectWrongUsage(['train', room], room)
  })
})

describe('help', () => {
  it('exits with 0 and shows examples and the recipe options made from the declaration', async () => {
    const main = await runCli(['--help'])
    expect(main.code).toBe(0)
    expect(main.stdout).toContain('Examples:')
    const train = await runCli(['train', '--help'])
    expect(train.code).toBe(0)
    expect(train.stdout).toContain('--lambda-l1 <number>')
    expect(train.stdout.replace(/\s+/g, ' ')).toContain('(default: 100)')
  })
})

describe('new', () => {
  const make = (name: string, ...args: string[]) => runCli(['new', join(room, name), ...args, '--json'])

  it('takes what the kinds of pictures and the presets ask for', async () => {
    const [a, b] = [join(room, 'one'), join(room, 'two')]
    for (const folder of [a, b]) mkdirSync(folder, { recursive: true })
    const unpaired = await make('u', '--kind', 'unpaired-folders', '--a', a, '--b', b, '--split-seed', '7')
    expect(unpaired.code, unpaired.stderr).toBe(0)
    const project = JSON.parse(readFileSync(join(room, 'u', 'project.json'), 'utf8')) as ProjectFile
    expect(project).toMatchObject({
      dataset: { kind: 'unpaired-folders', options: { a, b, splitSeed: 7 } },
      training: { recipe: 'cyclegan' },
    })
    const preset = await make('p', '--preset', 'restore', '--folder', a, '--noise-sigma', '33')
    expect(preset.code, preset.stderr).toBe(0)
    expect(JSON.parse(readFileSync(join(room, 'p', 'project.json'), 'utf8'))).toMatchObject({
      dataset: { kind: 'derived-pairs', options: { folder: a, noiseSigma: 33, scratches: 20 } },
      training: { recipe: 'restore' },
    })
  })

  it.each([
    [['--kind', 'unpared-folders'], 'unpaired-folders'],
    [['--preset', 'restor'], 'restore'],
    [['--kind', 'unpaired-folders', '--a', '.'], '--b'],
    [['--a', '.', '--b', '.', '--grey'], '--grey'],
    [['--folder', '.'], '--preset'],
    [['--sample', 'map-to-satellite', '--a', '.'], '--sample alone'],
    [['--a', '.', '--b', './nowhere'], 'nowhere'],
  ])('refuses %j with a remedy', async (args, said) => {
    const { code, last } = await make('wrong', ...args)
    expect(code).toBe(2)
    expect(`${String(last.message)} ${String(last.remedy)}`).toContain(said)
  })
})
