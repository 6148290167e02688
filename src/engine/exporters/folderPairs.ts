import { folderPairs } from '../../core/exporters/folderPairs.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { extensionFor } from '../imaging/formats.ts'
import { formatFor, writeAs, type Exporter } from './exporter.ts'

/** Originals in A and results in B under one name: what the data set kind `paired-folders` reads. */
export const exportFolderPairs: Exporter = (input) => {
  const options = parseOptions(folderPairs.options, input)
  return {
    plan(item, name) {
      const format = formatFor(item, options)
      const file = `${name}${extensionFor(format, item.before)}`
      const planned = (side: string, source: string) => ({
        place: `${side}/${file}`,
        write: (path: string) => writeAs(source, path, format, options),
      })
      return [planned('A', item.before), planned('B', item.after)]
    },
  }
}
