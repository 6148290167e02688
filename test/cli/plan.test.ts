import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { flagsFor } from '../../src/cli/commands/plan.ts'
import { settingsFrom } from '../../src/cli/commands/train.ts'
import { addOptionFlags } from '../../src/cli/optionFlags.ts'
import { lighterSettings } from '../../src/core/planning/lighter.ts'
import { plan as planSchema } from '../../src/core/planning/plan.ts'
import type { ProjectFile, TrainingSettings } from '../../src/core/project/project.ts'
import { recipeIds, recipes } from '../../src/core/recipes/index.ts'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'

const room = makeRoom()
afterAll(() => rmSync(room, { recursive: true, force: true }))

/** What `train` would do in a project with these settings, given these flags. */
function trainedWith(own: TrainingSettings, flags: readonly string[]): TrainingSettings {
  const command = new Command().option('--recipe <id>')
  addOptionFlags(
    command,
    recipeIds.map((id) => recipes[id].options),
  )
  command.parse(flags, { from: 'user' })
  const project: ProjectFile = {
    schema: 1,
    name: 'Project',
    dataset: null,
    training: own,
    presets: {},
    sample: null,
  }
  return settingsFrom(project, command.opts())
}

describe('diptych plan', () => {
  it('gives flags with which train does what was proposed, for every recipe', () => {
    for (const recipe of recipeIds) {
      const own = { recipe, options: { cropSizePx: 256, loadSizePx: 300, steps: 500 } }
      for (const { training } of lighterSettings(own, 'resnet_9blocks'))
        expect(trainedWith(own, flagsFor(training, own)), recipe).toEqual(training)
    }
  })

  it('puts back to its default what was taken away, and gives null as auto', () => {
    const own = { recipe: 'pix2pix' as const, options: { netG: 'unet_256', steps: 5 } }
    expect(flagsFor({ recipe: 'pix2pix', options: { steps: 5 } }, own)).toEqual(['--net-g', 'auto'])
    expect(flagsFor({ recipe: 'pix2pix', options: { netG: 'unet_256', steps: null } }, own)).toEqual([
      '--steps',
      'auto',
    ])
  })

  it('says in words and as JSON what a run takes, and where nothing can be said, why', async () => {
    const { a, b } = await makePairs(room)
    const project = join(room, 'project')
    await runCli(['new', project, '--a', a, '--b', b])
    const flags = ['plan', project, ...TINY_FLAGS, '--steps', '3000']

    const json = await runCli([...flags, '--patience', '1h', '--json'])
    expect(json.code).toBe(0)
    const { type, plan } = json.last
    expect(type).toBe('plan')
    expect(planSchema.parse(plan).estimate.steps).toBe(3000)
    expect(json.events.some((event) => event.type === 'plan-progress')).toBe(true)

    const words = await runCli([...flags, '--patience', '2s'])
    expect(words.code).toBe(0)
    expect(words.stdout).toMatch(
      /^This run takes about .*, until \d\d:\d\d.*; .* memory; up to .* on disk\.$/m,
    )
    expect(words.stdout).toContain('That is longer than you want to wait.')

    const refused = await runCli([...flags, '--patience', 'soon', '--json'])
    expect(refused.code).toBe(2)
    expect(refused.last.code).toBe('option-invalid')
  })
})
