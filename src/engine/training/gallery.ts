import { writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { translateNormOf } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { observeGallery } from '../../core/training/galleryHealth.ts'
import type { EvaluationRow } from '../data/loader.ts'
import { gallerySplit } from '../data/source.ts'
import { namesIn, placeFolder, removeFolder } from '../storage/atomic.ts'
import { placeItems, type StoredSample } from '../storage/runRows.ts'
import { stepName } from './checkpoint.ts'
import { lookAtRows, type MadeRow } from './looking.ts'
import { inRun, tellHealth, whereIs, type Session, type TrainingEvent } from './session.ts'
import { encodeForViewing, viewRange } from './viewing.ts'

/** Before this step every model makes the same grey. */
const VARIETY_FROM_STEP = 200
/** The first gallery of a run comes early, so that a person sees what the pictures are. */
const FIRST_GALLERY_STEP = 5

export function isGalleryDue(step: number, { sampleEvery }: { sampleEvery: number }, steps: number): boolean {
  return step % sampleEvery === 0 || step === steps || step === Math.min(FIRST_GALLERY_STEP, sampleEvery)
}

/** Characters that a file name may not hold on some system become a dash. */
export function fileNameOf(index: number, name: string): string {
  const kept = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._+-]+/gu, '-')
    .slice(0, 80)
  return `${String(index + 1).padStart(2, '0')}-${kept}`
}

async function writeRow(session: Session, folder: string, index: number, pair: EvaluationRow) {
  const { trainer, config, options, report } = session
  const declaration = recipes[config.recipe]
  const visuals = await trainer.visuals({ ...pair, row: index }, translateNormOf(options))
  const files: Record<string, string> = {}
  for (const { id, side } of declaration.visuals) {
    const picture = visuals[id]
    if (!picture) continue
    const isInput = side === 'a'
    const summary = isInput === (options.direction !== 'BtoA') ? report.a : report.b
    const isPlain = summary?.bitDepth === 8 && [1, 3].includes(summary.channels)
    const file = `${fileNameOf(index, pair.name)}.${id}.png`
    const png = await encodeForViewing(picture, viewRange(isInput ? pair.realA : pair.realB, isPlain))
    await writeFile(join(folder, file), png)
    files[id] = file
  }
  return { files, made: visuals[declaration.made] }
}

/** Renders the fixed held-out pictures as they are now. */
export async function* renderGallery(session: Session): AsyncGenerator<TrainingEvent> {
  const { loader, options, cursor, record, pace, projectFolder } = session
  const startedAt = performance.now()
  const folder = inRun(session, 'samples', stepName(cursor.step)).path
  const place = relative(projectFolder, folder).split(sep).join('/')
  const items: StoredSample[] = []
  const rows: MadeRow[] = []
  await placeFolder(folder, async (temporary) => {
    for await (const shown of loader.evaluationRows(gallerySplit(loader.countRows), options.sampleCount)) {
      const row = await writeRow(session, temporary, items.length, shown)
      const visuals = Object.entries(row.files).map(([id, file]) => [id, `${place}/${file}`])
      items.push({ name: shown.name, visuals: Object.fromEntries(visuals) })
      if (row.made) rows.push({ row: shown, made: row.made })
    }
  })
  record.addSamples(cursor.step, items)
  pace.addSample(performance.now() - startedAt)
  yield { type: 'samples', ...whereIs(session), items: placeItems(projectFolder, items) }
  const isFirst = cursor.health.firstImpression === null
  if (rows.length < 2 || (!isFirst && cursor.step < VARIETY_FROM_STEP)) return
  const seen = await lookAtRows(session, rows, !isFirst)
  yield* tellHealth(session, observeGallery(cursor.health, cursor.step, seen, session.loader.classes))
}

/** Removes galleries of steps that have not happened any more. */
export async function cutGalleries(session: Session, afterStep: number): Promise<void> {
  const folder = inRun(session, 'samples').path
  for (const name of await namesIn(folder))
    if (/^\d+$/.test(name) && Number(name) > afterStep) await removeFolder(join(folder, name))
}
