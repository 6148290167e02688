import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import {
  datasetKindIds,
  datasetKinds,
  type DatasetConfig,
  type DatasetKindId,
} from '../../core/datasets/index.ts'
import { refuse } from '../../core/errors.ts'
import { describeOptions } from '../../core/options/describe.ts'
import { nearest } from '../../core/options/parse.ts'
import { presetIds, presets, type PresetId } from '../../core/presets/index.ts'
import { projectFile, type TrainingSettings } from '../../core/project/project.ts'
import { createProject } from '../../engine/storage/project.ts'
import { EXIT_DONE } from '../exits.ts'
import { addOptionFlags, foreignFlag, optionsFromFlags, typedFlags } from '../optionFlags.ts'
import { runCommand } from '../run.ts'

type NewFlags = Readonly<Record<string, unknown>> & {
  sample?: string
  kind?: string
  preset?: string
  name?: string
  json?: boolean
}
type Source = { dataset: DatasetConfig | null; training: TrainingSettings | null }

/** @throws Refused `usage` when the flag names no folder: found now, not when training begins */
function folderNamed(flag: string, path: string): string {
  const folder = resolve(path)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw refuse('usage', `${flag}: there is no folder at ${folder}.`, 'Check its spelling.')
}

function nameFrom(name: string): string {
  if (projectFile.shape.name.safeParse(name).success) return name
  throw refuse('option-invalid', `--name cannot take "${name}".`, 'Give a name of 1 to 200 letters.')
}

/** One of the names that there are. @throws Refused `usage` */
function chosenFrom<T extends string>(
  flag: string,
  given: string,
  known: readonly T[],
  isKnown: (id: string) => id is T,
): T {
  if (isKnown(given)) return given
  const meant = nearest(given, known)
  throw refuse(
    'usage',
    `${flag} cannot take "${given}".`,
    meant ? `Did you mean ${meant}?` : `Give one of: ${known.join(', ')}.`,
  )
}

const isPreset = (id: string): id is PresetId => id in presets
const isKind = (id: string): id is DatasetKindId => id in datasetKinds

/** Every folder that the kind needs, and the options that were typed. */
function datasetOf(
  kind: DatasetKindId,
  flags: NewFlags,
  given: Readonly<Record<string, unknown>>,
): DatasetConfig {
  const { options: schema } = datasetKinds[kind]
  const foreign = foreignFlag(schema, datasetKinds, flags)
  if (foreign)
    throw refuse(
      'usage',
      `${foreign.flag} is an option of ${foreign.id}, and this is ${kind}.`,
      'Leave it out, or choose another --kind.',
    )
  const options = { ...given, ...optionsFromFlags(schema, flags) }
  for (const { key, flag } of describeOptions(schema).filter((option) => option.kind === 'folder')) {
    const path = options[key]
    if (typeof path !== 'string')
      throw refuse(
        'usage',
        `Pictures of the kind ${kind} need the folder ${flag}.`,
        `Give it: ${flag} FOLDER.`,
      )
    options[key] = folderNamed(flag, path)
  }
  return { kind, options }
}

/** What was typed of any kind's options. */
function typedOfAnyKind(flags: NewFlags): string[] {
  return datasetKindIds.flatMap((id) => typedFlags(datasetKinds[id].options, flags))
}

function sourceOf(flags: NewFlags): Source {
  const typed = typedOfAnyKind(flags)
  if (flags.sample !== undefined) {
    const other = flags.preset !== undefined || flags.kind !== undefined || typed.length > 0
    if (!other) return { dataset: null, training: null }
    throw refuse('usage', 'A sample brings its own pictures and settings.', 'Give --sample alone.')
  }
  if (flags.preset !== undefined) {
    const { dataset, training } = presets[chosenFrom('--preset', flags.preset, presetIds, isPreset)]
    return { dataset: datasetOf(dataset.kind, flags, dataset.options), training }
  }
  if (flags.kind === undefined && typed.length === 0) return { dataset: null, training: null }
  const kind =
    flags.kind === undefined ? guessKind(typed) : chosenFrom('--kind', flags.kind, datasetKindIds, isKind)
  return { dataset: datasetOf(kind, flags, {}), training: null }
}

/** Two folders are pairs unless something else is said. */
function guessKind(typed: readonly string[]): DatasetKindId {
  if (typed.includes('--a') || typed.includes('--b')) return 'paired-folders'
  throw refuse(
    'usage',
    'What the pictures are must be said.',
    'Give --preset for one folder of good pictures, or --kind.',
  )
}

export function addNew(program: Command): void {
  const command = program
    .command('new')
    .description('Make a project folder: from a sample, from folders of pictures, or empty.')
    .argument('<dir>', 'the folder to make')
    .option('--sample <id>', 'one of the samples, such as map-to-satellite')
    .option('--preset <id>', `what to do with one folder of good pictures: ${presetIds.join(', ')}`)
    .option('--kind <kind>', `what the pictures are: ${datasetKindIds.join(', ')}`)
    .option('--name <name>', 'its name; the folder name when left out')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych new earth --sample map-to-satellite\n  diptych new streets --a drawings/ --b photos/\n  diptych new seasons --kind unpaired-folders --a summer/ --b winter/\n  diptych new album --preset restore --folder photos/',
    )
  addOptionFlags(
    command,
    datasetKindIds.map((id) => datasetKinds[id].options),
    { simple: 'Folders:', all: 'Options of the kinds of pictures:' },
  )
  command.action((dir: string, flags: NewFlags) =>
    runCommand(flags.json ?? false, async ({ output }) => {
      const folder = resolve(dir)
      const { project } = await createProject(folder, {
        name: nameFrom(flags.name ?? basename(folder)),
        sample: flags.sample ?? null,
        ...sourceOf(flags),
      })
      output.event(
        { type: 'created', folder, name: project.name, sample: project.sample },
        `Made ${project.name} in ${folder}`,
      )
      return EXIT_DONE
    }),
  )
}
