import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SetFigures } from '../../src/core/generation/figures.ts'
import { runCli } from '../support/cli.ts'
import { CLASSES, drawFolder, SIDE } from '../support/shapes.ts'
import { makeRoom } from '../support/tinyProject.ts'

const room = makeRoom()
const pictures = join(room, 'pictures')
const project = join(room, 'shapes')
let model = ''

beforeAll(async () => {
  const each = (count: number) => ({ disc: count, square: count })
  await drawFolder(pictures, { train: each(24), val: each(6), test: each(6) })
})
afterAll(() => rmSync(room, { recursive: true, force: true }))

const SMALL = [
  ...['--crop-size-px', '16', '--batch-size', '8', '--latent', '8', '--ngf', '4'],
  ...[
    '--steps',
    '12',
    '--sample-every',
    '6',
    '--sample-count',
    '4',
    '--checkpoint-every',
    '4',
    '--threads',
    '1',
  ],
]
/** What each recipe is told besides. */
const recipes: Record<string, string[]> = {
  gan: ['--ndf', '4'],
  cgan: ['--ndf', '4', '--ema-decay', '0.9'],
  wgan: ['--ndf', '4', '--judge-rounds', '2'],
  'wgan-gp': ['--ndf', '4', '--judge-rounds', '2', '--diff-augment'],
  progressive: [],
}

async function trainedModel(folder: string, recipe: string, ...flags: string[]): Promise<string> {
  await runCli(['new', folder, '--kind', 'picture-folder', '--folder', pictures])
  const trained = await runCli([
    'train',
    folder,
    '--recipe',
    recipe,
    ...SMALL,
    ...(recipes[recipe] ?? []),
    ...flags,
    '--json',
  ])
  expect(trained.code, trained.stderr).toBe(0)
  return String(trained.last.model)
}

describe.sequential('a folder of classes', () => {
  it('is found with its classes, and nothing wrong with it', async () => {
    const made = await runCli(['new', project, '--kind', 'picture-folder', '--folder', pictures, '--json'])
    expect(made.code, made.stderr).toBe(0)
    const checked = await runCli(['check', project, '--json'])
    expect(checked.last).toMatchObject({
      type: 'checked',
      counts: { train: 48, val: 12, test: 12 },
      errors: 0,
    })
  })

  it('is what the recipes from noise are for, and no others', async () => {
    const refused = await runCli(['train', project, '--recipe', 'pix2pix', '--steps', '1', '--json'])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('cgan')
  })
})

describe.sequential.each(Object.keys(recipes))('%s', (recipe) => {
  it('trains, shows what it makes, and leaves the same model whether it was stopped or not', async () => {
    const whole = join(room, `whole-${recipe}`)
    const first = await trainedModel(whole, recipe)
    const gallery = join(whole, 'runs', 'run-001', 'samples', '00000012')
    expect(readdirSync(gallery).filter((name) => name.includes('fakeB'))).toHaveLength(4)

    const stopped = join(room, `stopped-${recipe}`)
    await runCli(['new', stopped, '--kind', 'picture-folder', '--folder', pictures])
    const begun = await runCli(
      ['train', stopped, '--recipe', recipe, ...SMALL, ...(recipes[recipe] ?? []), '--json'],
      (line, kill) => {
        if (line.includes('"type":"step"') && line.includes('"step":7,')) kill('SIGTERM')
      },
    )
    expect(begun.code).toBe(130)
    const resumed = await runCli(['train', stopped, '--resume', '--json'])
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(readFileSync(String(resumed.last.model)).equals(readFileSync(first))).toBe(true)
  })

  it('makes a set: as many as asked for, of its size, the same from the same seed', async () => {
    const from = join(room, `whole-${recipe}`, 'models', `whole-${recipe}-run-001.safetensors`)
    const make = (output: string) =>
      runCli([
        'generate',
        '--model',
        from,
        '--output',
        output,
        '--count',
        '6',
        '--least-difference',
        '0',
        '--no-figures',
        '--threads',
        '1',
        '--json',
      ])
    const [one, other] = [join(room, `set-${recipe}`), join(room, `again-${recipe}`)]
    const made = await make(one)
    expect(made.code, made.stderr).toBe(0)
    expect(made.last).toMatchObject({ type: 'done', made: 6, cancelled: false })
    await make(other)
    const rows = readFileSync(join(one, 'metadata.jsonl'), 'utf8').trim().split('\n')
    const places = rows.map((row) => (JSON.parse(row) as { file_name: string }).file_name)
    expect(places).toHaveLength(6)
    for (const place of places) {
      const { width, height, channels } = await sharp(join(one, place)).metadata()
      expect([width, height, channels]).toEqual([SIDE, SIDE, 1])
      expect(readFileSync(join(one, place)).equals(readFileSync(join(other, place)))).toBe(true)
    }
    if (recipe === 'cgan') model = from
  })
})

describe.sequential('a set by classes', () => {
  const output = join(room, 'by-class')
  const flags = () => [
    'generate',
    '--model',
    model,
    '--output',
    output,
    '--classes',
    'square=5,disc',
    '--count',
    '4',
    '--test-share',
    '0.5',
    '--least-difference',
    '0',
    '--worth-steps',
    '20',
    '--threads',
    '1',
    '--json',
  ]

  it('has so many of each, dealt into splits, with a table and a card', async () => {
    const made = await runCli(flags())
    expect(made.code, made.stderr).toBe(0)
    const table = readFileSync(join(output, 'labels.csv'), 'utf8').trim().split('\r\n').slice(1)
    const count = (split: string, label: string) =>
      table.filter((row) => row.startsWith(`${split}/${label}/`)).length
    expect([
      count('train', 'square'),
      count('test', 'square'),
      count('train', 'disc'),
      count('test', 'disc'),
    ]).toEqual([2, 3, 2, 2])
    expect(readFileSync(join(output, 'README.md'), 'utf8')).toContain('| square | 2 | 3 |')
  })

  it('is compared with the pictures that its model was trained on, which are found without being named', () => {
    const figures = JSON.parse(readFileSync(join(output, 'figures.json'), 'utf8')) as SetFigures
    expect(figures.real).toEqual({ origin: 'run', train: 48, compared: 12, split: 'test' })
    expect(figures.worth).toMatchObject({ classes: CLASSES, steps: 20, scored: 12 })
    expect(figures.balance).toContainEqual({ label: 'square', real: 24, made: 5 })
    const { real } = figures.nearest.closest[0]!
    expect(existsSync(join(pictures, real))).toBe(true)
    expect(readFileSync(join(output, 'README.md'), 'utf8')).toContain('of the run that trained the model')
  })

  it('is filled up beside them, and refused where no class lacks any', async () => {
    const refused = await runCli(['generate', '--model', model, '--output', join(room, 'even'), '--balance'])
    expect(refused.stderr).toContain('nothing to fill up')
    const filled = ['--output', join(room, 'filled'), '--balance-to', '26', '--no-figures', '--json']
    const made = await runCli(['generate', '--model', model, ...filled, '--least-difference', '0'])
    expect(made.last, made.stderr).toMatchObject({ type: 'done', made: 4 })
  })

  it('or instead of it the way from one picture to another is made', async () => {
    const walk = ['generate', '--model', model, '--output', join(room, 'walk'), '--walk', '0', '3:1']
    const made = await runCli([...walk, '--frames', '4', '--classes', 'disc', '--json'])
    expect(made.last, made.stderr).toMatchObject({ type: 'done', made: 4 })
    expect(readdirSync(join(room, 'walk')).sort()).toEqual(['disc', 'sheet.png', 'walk.json'])
    const foreign = await runCli([...walk, '--worth-steps', '20'])
    expect(foreign.stderr).toContain('--worth-steps changes nothing of a walk')
  })

  it('goes on where it was stopped, to the same bytes', async () => {
    const before = readFileSync(join(output, 'test/square', readdirSync(join(output, 'test/square'))[0]!))
    const ledger = join(output, 'generation.jsonl')
    writeFileSync(
      ledger,
      readFileSync(ledger, 'utf8').split('\n').slice(0, 3).join('\n') + '\n{"slot":3,"att',
    )
    const again = await runCli(flags())
    expect(again.events.find((event) => event.type === 'generation-started')).toMatchObject({
      already: 3,
      total: 9,
    })
    expect(again.last).toMatchObject({ type: 'done', made: 9 })
    expect(
      readFileSync(join(output, 'test/square', readdirSync(join(output, 'test/square'))[0]!)).equals(before),
    ).toBe(true)
  })

  it('is refused into a folder that holds something else', async () => {
    const other = await runCli([...flags(), '--seed', '9'])
    expect(other.code).not.toBe(0)
    expect(other.stderr).toContain('holds something else')
  })

  it('leaves out what is too like another, or gives up and says so', async () => {
    const exhausted = await runCli([
      'generate',
      '--model',
      model,
      '--output',
      join(room, 'exhausted'),
      '--count',
      '9',
      '--least-difference',
      '0.9',
      '--json',
    ])
    expect(exhausted.code).not.toBe(0)
    expect(exhausted.stderr).toContain('pictures in a row were like others')
  })

  it('an unknown class is named with the one that was meant', async () => {
    const wrong = await runCli([
      'generate',
      '--model',
      model,
      '--output',
      join(room, 'wrong'),
      '--classes',
      'sqare',
      '--json',
    ])
    expect(wrong.stderr).toContain('square')
    expect(existsSync(join(room, 'wrong', 'generation.json'))).toBe(false)
  })

  it('a model that translates is refused, and one from noise does not translate', async () => {
    const refused = await runCli(['generate', '--model', 'denoise', '--output', join(room, 'none')])
    expect(refused.stderr).toContain('needs a picture to work on')
    const picture = join(pictures, 'test/disc/0.png')
    const turned = await runCli(['translate', '--model', model, picture, '--output', join(room, 'none2')])
    expect(turned.stderr).toContain('has no use for yours')
  })
})

describe.sequential('by attribute', () => {
  const folder = join(room, 'attribute')
  const flags = [
    '--recipe',
    'attribute',
    '--net-g',
    'resnet_3blocks',
    '--ngf',
    '4',
    '--ndf',
    '4',
    '--crop-size-px',
    '16',
    '--batch-size',
    '4',
    '--judge-rounds',
    '2',
    '--steps',
    '4',
    '--checkpoint-every',
    '2',
    '--sample-every',
    '2',
    '--threads',
    '1',
  ]

  it('trains, and turns a picture into the look that it is told', async () => {
    await runCli(['new', folder, '--kind', 'picture-folder', '--folder', pictures])
    const trained = await runCli(['train', folder, ...flags, '--json'])
    expect(trained.code, trained.stderr).toBe(0)
    const picture = join(pictures, 'test/disc/0.png')
    const to = async (label: string[]) => {
      const output = join(room, `to-${label.at(-1) ?? 'none'}`)
      return {
        output,
        ...(await runCli([
          'translate',
          '--model',
          String(trained.last.model),
          picture,
          '--output',
          output,
          ...label,
        ])),
      }
    }
    const [disc, square] = [await to(['--label', 'disc']), await to(['--label', 'square'])]
    expect(disc.code, disc.stderr).toBe(0)
    const read = ({ output }: { output: string }) => readFileSync(join(output, readdirSync(output)[0]!))
    expect(read(disc).equals(read(square))).toBe(false)
    const none = await to([])
    expect(none.stderr).toContain('It knows: disc, square')
  })

  it('scores its saved states, each picture turned into another class', async () => {
    const scored = await runCli(['evaluate', folder, '--split', 'test', '--metrics', 'diversity', '--json'])
    expect(scored.code, scored.stderr).toBe(0)
  })
})
