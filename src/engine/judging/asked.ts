import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { nearest } from '../../core/options/parse.ts'
import { heldOutSize, prepareItem, toPictures } from '../data/prepare.ts'
import { cutItem, middleCut } from '../data/stream.ts'
import { listPicturesWithPlaces } from '../imaging/list.ts'
import type { Beside, Pictures } from '../recipes/trainer.ts'
import type { OpenJudge } from './openJudge.ts'

/** A picture that is asked about. `given`: the file of what it was made of, where the judge has to see that. */
export type Asked = { name: string; path: string; given: string | null }

export type AskedRequest = {
  /** Files and folders of pictures. */
  pictures: readonly string[]
  /** A folder with what they were made of, under the same names. */
  beside?: string
  /** Their class. */
  label?: string
}

/**
 * The pictures that are asked about, each with what it was made of where the judge has to see that.
 * @throws Refused `picture-missing`, `beside-missing`, `beside-unfit`
 */
export async function listAsked({ pictures, beside }: AskedRequest, judge: OpenJudge): Promise<Asked[]> {
  const { run } = judge.config
  if (!judge.seat.told.given && beside !== undefined)
    throw refuse(
      'beside-unfit',
      `The judge of ${run} looks at the picture alone, so there is nothing to show beside it.`,
      'Leave --beside out.',
    )
  const listed = await listPicturesWithPlaces(pictures)
  if (listed.length === 0)
    throw refuse(
      'picture-missing',
      `There is no picture in ${pictures.map((path) => basename(path)).join(', ')}.`,
      'Give pictures, or folders that hold some.',
    )
  const partners = judge.seat.told.given ? await partnersIn(beside, run) : null
  return listed.map(({ path, relative }) => {
    const given = partners?.get(keyOf(relative)) ?? partners?.get(keyOf(basename(relative))) ?? null
    if (partners && given === null)
      throw refuse(
        'beside-missing',
        `${relative} has no picture of the same name in ${beside ?? ''}, so its judge cannot see what it was made of.`,
        'Give a folder that holds what each picture was made of, under the same name.',
      )
    return { name: relative, path, given }
  })
}

/** What two pictures must share to belong together: place and name without extension, capitals ignored. */
function keyOf(relative: string): string {
  return relative
    .replace(/\.[^./]+$/, '')
    .normalize('NFC')
    .toLowerCase()
}

async function partnersIn(beside: string | undefined, run: string): Promise<Map<string, string>> {
  if (beside === undefined)
    throw refuse(
      'beside-missing',
      `The judge of ${run} looks at a picture together with what it was made of.`,
      'Name the folder of those pictures, under the same names (--beside).',
    )
  if (!(await stat(beside).catch(() => null))?.isDirectory())
    throw refuse('beside-missing', `--beside ${beside} is no folder.`, 'Give a folder of pictures.')
  return new Map(
    (await listPicturesWithPlaces([beside])).map(({ path, relative }) => [keyOf(relative), path]),
  )
}

/**
 * The class that a judge is told, as a number from 0; undefined where it is told none.
 * @throws Refused `label-missing`, `label-unknown`, `label-unfit`
 */
export function labelFor(
  { seat, classes, config }: OpenJudge,
  label: string | undefined,
): number | undefined {
  if (!seat.told.label) {
    if (label === undefined) return undefined
    throw refuse('label-unfit', `The judge of ${config.run} is told no class.`, 'Leave --label out.')
  }
  const known = `It knows: ${classes.slice(0, 20).join(', ')}.`
  if (label === undefined)
    throw refuse(
      'label-missing',
      `The judge of ${config.run} has to be told of which class a picture is.`,
      `Name one (--label). ${known}`,
    )
  const found = classes.indexOf(label)
  if (found >= 0) return found
  const meant = nearest(label, classes)
  throw refuse(
    'label-unknown',
    `The judge of ${config.run} knows no class ${JSON.stringify(label.slice(0, 80))}.`,
    meant ? `Did you mean ${meant}?` : known,
  )
}

/**
 * Reads a picture as the run looks at what it held out: brought to its size, and of that the middle square.
 * @throws Refused naming a file that cannot be read
 */
export async function readAsked(
  { path, given }: Asked,
  { seat, context, options }: OpenJudge,
): Promise<{ shown: Pictures; beside: Beside }> {
  const { inputChannels, outputChannels, scale } = context
  const channels = { a: inputChannels, b: seat.real === 'realB' ? outputChannels : inputChannels }
  const fileOf = (of: string) => ({ file: { path: of }, region: 'whole' as const })
  const square = async (
    side: 'a' | 'b',
    of: string,
    sizePx: number,
    size: Parameters<typeof prepareItem>[2],
  ) => {
    const prepared = await prepareItem({ [side]: fileOf(of) }, channels, size)
    const cut = cutItem(prepared, middleCut(prepared, sizePx))[side]
    if (!cut) throw new Error('A picture was prepared to nothing.')
    const whole = prepared[side] ?? cut
    return { pictures: toPictures([cut]), widthPx: whole.widthPx, heightPx: whole.heightPx }
  }
  const shown = await square('b', path, options.cropSizePx, (original) => heldOutSize(original, options))
  if (given === null) return { shown: shown.pictures, beside: {} }
  const before = await square('a', given, options.cropSizePx / scale, () => ({
    widthPx: Math.round(shown.widthPx / scale),
    heightPx: Math.round(shown.heightPx / scale),
  }))
  return { shown: shown.pictures, beside: { given: before.pictures } }
}
