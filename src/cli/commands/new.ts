import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import type { DatasetConfig } from '../../core/datasets/index.ts'
import { refuse } from '../../core/errors.ts'
import { projectFile } from '../../core/project/project.ts'
import { createProject } from '../../engine/storage/project.ts'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

type NewFlags = {
  sample?: string
  a?: string
  b?: string
  sideBySide?: string
  name?: string
  json?: boolean
}

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

function datasetOf(flags: NewFlags): DatasetConfig | null {
  const ways = [flags.sample, flags.a ?? flags.b, flags.sideBySide].filter((way) => way !== undefined)
  if (ways.length > 1)
    throw refuse(
      'usage',
      'A project has one source of pictures.',
      'Give --sample, or --a with --b, or --side-by-side.',
    )
  if (flags.sideBySide !== undefined)
    return { kind: 'side-by-side', options: { folder: folderNamed('--side-by-side', flags.sideBySide) } }
  if (flags.a === undefined && flags.b === undefined) return null
  if (flags.a === undefined || flags.b === undefined)
    throw refuse('usage', 'Pairs need two folders.', 'Give both: --a BEFORE --b AFTER.')
  return {
    kind: 'paired-folders',
    options: { a: folderNamed('--a', flags.a), b: folderNamed('--b', flags.b) },
  }
}

export function addNew(program: Command): void {
  program
    .command('new')
    .description('Make a project folder: from a sample, from two folders of pairs, or empty.')
    .argument('<dir>', 'the folder to make')
    .option('--sample <id>', 'map-to-satellite or day-to-night')
    .option('--a <folder>', 'pictures before')
    .option('--b <folder>', 'pictures after, with the same names')
    .option('--side-by-side <folder>', 'pictures that hold A and B side by side')
    .option('--name <name>', 'its name; the folder name when left out')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych new earth --sample map-to-satellite\n  diptych new streets --a drawings/ --b photos/',
    )
    .action((dir: string, flags: NewFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const folder = resolve(dir)
        const { project } = await createProject(folder, {
          name: nameFrom(flags.name ?? basename(folder)),
          sample: flags.sample ?? null,
          dataset: datasetOf(flags),
        })
        output.event(
          { type: 'created', folder, name: project.name, sample: project.sample },
          `Made ${project.name} in ${folder}`,
        )
        return EXIT_DONE
      }),
    )
}
