import { extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { type ExporterId, exporterIds, exporters } from '../../core/exporters/index.ts'
import { refuse } from '../../core/errors.ts'
import { nearest, parseOptions } from '../../core/options/parse.ts'
import { countInWords } from '../../core/words.ts'
import { writeExport } from '../../engine/exporters/index.ts'
import { listPicturesWithPlaces } from '../../engine/imaging/list.ts'
import { readManifest } from '../../engine/inference/variants.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exits.ts'
import { addOptionFlags, optionsFromFlags } from '../optionFlags.ts'
import { runCommand } from '../run.ts'

type PackFlags = { as: string; before: string; after: string; output: string; json?: boolean }

function exporterNamed(id: string): ExporterId {
  const found = exporterIds.find((known) => known === id)
  if (found) return found
  const meant = nearest(id, exporterIds)
  throw refuse(
    'usage',
    `--as: there is no way of exporting named ${id}.`,
    meant ? `Did you mean ${meant}?` : `The ways are: ${exporterIds.join(', ')}.`,
  )
}

const stemOf = (place: string) => place.slice(0, place.length - extname(place).length)

/**
 * Results beside the originals that they were made of: the same place below their folders, whatever the extension; variants, as the
 * table beside them says.
 */
async function matchPlaces(before: string, after: string) {
  const originals = await listPicturesWithPlaces([resolve(before)])
  const results = await listPicturesWithPlaces([resolve(after)])
  const variants = await readManifest(resolve(after))
  const byPlace = new Map(originals.map(({ path, relative }) => [stemOf(relative), path]))
  const items = results.flatMap(({ path, relative }) => {
    const row = variants.get(relative)
    const original = byPlace.get(stemOf(row?.source ?? relative))
    const variant = row && { number: row.variant, styleSeed: row.style_seed }
    return original === undefined ? [] : [{ before: original, after: path, variant }]
  })
  if (items.length > 0) return { items, alone: results.length - items.length }
  throw refuse(
    'nothing-to-export',
    `No picture in ${resolve(after)} has the place and name of one in ${resolve(before)}.`,
    'Give the folder that was translated as --before, and the folder of its results as --after.',
  )
}

export function addPack(program: Command): void {
  const command = program
    .command('pack')
    .description('Hand translated pictures over as a data set: pairs, or pictures with their labels.')
    .requiredOption('--as <way>', exporterIds.join(', '))
    .requiredOption('--before <dir>', 'the folder that was translated')
    .requiredOption('--after <dir>', 'the folder of its results')
    .requiredOption('--output <dir>', 'where the data set goes; nothing there is overwritten')
    .option('--json', 'one line of JSON for each failure; the last line is the result')
    .addHelpText(
      'after',
      `\n${exporterIds.map((id) => `  ${id.padEnd(20)}${exporters[id].summary}`).join('\n')}\n\nExample:\n  diptych pack --as labelled-set --before products/ --after translated/ --output adapted/`,
    )
  addOptionFlags(
    command,
    exporterIds.map((id) => exporters[id].options),
  )
  command.action((flags: PackFlags & Record<string, unknown>) =>
    runCommand(flags.json ?? false, async ({ output, signal }) => {
      const exporter = exporterNamed(flags.as)
      const schema = exporters[exporter].options
      const options = parseOptions(schema, optionsFromFlags(schema, flags))
      const { items, alone } = await matchPlaces(flags.before, flags.after)
      const { written, failed } = await writeExport({
        exporter,
        options,
        items,
        output: flags.output,
        signal,
      })
      for (const { path, message } of failed)
        output.event({ type: 'item-failed', input: path, message }, `failed ${path}: ${message}`)
      const beside = alone > 0 ? ` ${countInWords(alone, 'result')} without an original left out.` : ''
      output.event(
        { type: 'done', written: written.length, failed: failed.length, withoutOriginal: alone },
        `${countInWords(written.length, 'file')} written into ${resolve(flags.output)}.${beside}`,
      )
      if (signal.aborted) return EXIT_INTERRUPTED
      return failed.length > 0 ? EXIT_FAILED : EXIT_DONE
    }),
  )
}
