import { derivationOptions } from '../../core/datasets/derivedPairs.ts'
import { datasetKinds } from '../../core/datasets/index.ts'
import type { DatasetKindId } from '../../core/datasets/index.ts'
import type { FileHandle } from '../../core/files.ts'
import { describeOptions } from '../../core/options/describe.ts'
import type { OptionDescription } from '../../core/options/describe.ts'
import { presets } from '../../core/presets/index.ts'
import type { PresetId } from '../../core/presets/index.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipeIds, recipes } from '../../core/recipes/index.ts'
import type { RecipeId } from '../../core/recipes/index.ts'

/** What a person has chosen so far: a kind of data, its folders by option key, and the options that differ from its defaults. */
export type DataChoice = {
  kind: DatasetKindId
  folders: Readonly<Record<string, FileHandle>>
  options: Readonly<Record<string, unknown>>
  /** What is to be done, where one folder is enough for it; its way of training comes along. */
  preset: PresetId | null
}

export const noChoice: DataChoice = { kind: 'paired-folders', folders: {}, options: {}, preset: null }

const described = Object.fromEntries(
  Object.entries(datasetKinds).map(([id, { options }]) => [id, describeOptions(options)]),
)

export function foldersOf(kind: DatasetKindId): OptionDescription[] {
  return (described[kind] ?? []).filter((option) => option.kind === 'folder')
}

export function otherOptionsOf(kind: DatasetKindId): OptionDescription[] {
  return (described[kind] ?? []).filter((option) => option.kind !== 'folder')
}

/** Another kind keeps what it has in common with the one before: folders and options of the same key. */
export function chooseKind(choice: DataChoice, kind: DatasetKindId): DataChoice {
  const keep = <T>(values: Readonly<Record<string, T>>, options: readonly OptionDescription[]) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => options.some((option) => option.key === key)))
  return {
    kind,
    folders: keep(choice.folders, foldersOf(kind)),
    options: keep(choice.options, otherOptionsOf(kind)),
    preset: null,
  }
}

/** A preset brings its own way of spoiling pictures; null leaves that to the person. How pictures are dealt stays. */
export function choosePreset(choice: DataChoice, preset: PresetId | null): DataChoice {
  const spoiling = Object.keys(derivationOptions)
  const dealing = Object.entries(choice.options).filter(([key]) => !spoiling.includes(key))
  const own = preset === null ? {} : presets[preset].dataset.options
  return {
    ...chooseKind(choice, 'derived-pairs'),
    options: { ...Object.fromEntries(dealing), ...own },
    preset,
  }
}

export function trainingOf({ preset }: DataChoice): TrainingSettings | null {
  return preset === null ? null : presets[preset].training
}

/** One folder goes where it was dropped; several at once fill the kind's folders in the order of their names. */
export function placeFolders(choice: DataChoice, key: string, dropped: readonly FileHandle[]): DataChoice {
  const [first, second] = dropped
  if (!first) return choice
  if (!second) return { ...choice, folders: { ...choice.folders, [key]: first } }
  const inOrder = [...dropped].sort((one, other) => one.name.localeCompare(other.name))
  const placed = foldersOf(choice.kind).flatMap((option, index): [string, FileHandle][] => {
    const folder = inOrder[index]
    return folder ? [[option.key, folder]] : []
  })
  return { ...choice, folders: { ...choice.folders, ...Object.fromEntries(placed) } }
}

export function takeOut(choice: DataChoice, key: string): DataChoice {
  return {
    ...choice,
    folders: Object.fromEntries(Object.entries(choice.folders).filter(([known]) => known !== key)),
  }
}

export function isComplete({ kind, folders }: DataChoice): boolean {
  return foldersOf(kind).every(({ key }) => folders[key] !== undefined)
}

/** A name for the project: from what is to be done and the names of its folders. */
export function offerName({ kind, folders, preset }: DataChoice): string {
  const named = foldersOf(kind).flatMap(({ key }) => folders[key]?.name ?? [])
  const words = named.join(' to ')
  return preset !== null && words ? `${presets[preset].label}: ${words}` : words
}

/** Recipes that can learn from such data, in the order of their declaration. */
export function recipesFor(kind: DatasetKindId | null): RecipeId[] {
  return recipeIds.filter((id) => kind === null || recipes[id].datasets.some((known) => known === kind))
}
