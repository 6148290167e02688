import { pictures } from '../../core/exporters/pictures.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { extensionFor } from '../imaging/formats.ts'
import { formatFor, writeAs, type Exporter } from './exporter.ts'

/** Each result as a file with the name of its original. */
export const exportPictures: Exporter = (input) => {
  const options = parseOptions(pictures.options, input)
  return {
    plan(item, name) {
      const format = formatFor(item, options)
      return [
        {
          place: `${name}${extensionFor(format, item.before)}`,
          write: (path) => writeAs(item.after, path, format, options),
        },
      ]
    },
  }
}
