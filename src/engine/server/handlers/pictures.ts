import type { Derivation } from '../../../core/datasets/derivedPairs.ts'
import { counterOf } from '../../../core/random.ts'
import { deriveA } from '../../data/derive.ts'
import { listPictures } from '../../imaging/list.ts'
import { makePreview, type Alteration } from '../../imaging/preview.ts'
import type { Handlers } from './types.ts'

/** About the size of a training square, so that a scratch or grain is as coarse as training sees it; and quick to make. */
const SPOILED_SIDE_PX = 768
const PREVIEW_SEED = 1

function spoiling(path: string, derivation: Derivation): Alteration {
  return {
    name: JSON.stringify(derivation),
    apply: (picture) => deriveA(picture, derivation, PREVIEW_SEED, counterOf(path)),
  }
}

export const pictureHandlers = {
  'picture:preview': async ({ file, maxSidePx, region, derivation }, { cacheFolder }) => {
    const { path, widthPx, heightPx } = await makePreview(file.path, {
      maxSidePx: derivation ? Math.min(maxSidePx, SPOILED_SIDE_PX) : maxSidePx,
      region,
      cacheFolder,
      alteration: derivation && spoiling(file.path, derivation),
    })
    return { file: { path }, widthPx, heightPx }
  },
  'picture:list': async ({ inputs }) => {
    const paths = await listPictures(inputs.map(({ path }) => path))
    return paths.map((path) => ({ path }))
  },
} satisfies Partial<Handlers>
