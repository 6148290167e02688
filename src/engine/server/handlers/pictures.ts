import { listPictures } from '../../imaging/list.ts'
import { makePreview } from '../../imaging/preview.ts'
import type { Handlers } from './types.ts'

export const pictureHandlers = {
  'picture:preview': async ({ file, maxSidePx, region }, { cacheFolder }) => {
    const { path, widthPx, heightPx } = await makePreview(file.path, { maxSidePx, region, cacheFolder })
    return { file: { path }, widthPx, heightPx }
  },
  'picture:list': async ({ inputs }) => {
    const paths = await listPictures(inputs.map(({ path }) => path))
    return paths.map((path) => ({ path }))
  },
} satisfies Partial<Handlers>
