import { join } from 'node:path'
import { expect, it } from 'vitest'
import { derivationSchema } from '../../../src/core/datasets/derivedPairs.ts'
import { readPicture } from '../../../src/engine/imaging/read.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { pictureHandlers } from '../../../src/engine/server/handlers/pictures.ts'
import { Jobs } from '../../../src/engine/server/jobs.ts'
import { samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const folder = temporaryFolder()

it('previews of spoiled copies are kept beside those of the originals, smaller where the copy is', async () => {
  const path = join(folder, 'original.png')
  await writePicture(path, samplePicture(60, 40), { format: 'png' })
  const context = { jobs: new Jobs(() => undefined), cacheFolder: join(folder, 'previews') }
  const show = (changes: object | null) =>
    pictureHandlers['picture:preview'](
      {
        file: { path },
        maxSidePx: 60,
        region: 'whole',
        derivation: changes && derivationSchema.parse(changes),
      },
      context,
    )
  const plain = await show(null)
  const grey = await show({ grey: true })
  expect(grey.file.path).not.toBe(plain.file.path)
  expect((await readPicture(grey.file.path)).channels).toBe(1)
  expect(await show({ grey: true })).toEqual(grey)
  expect(await show({ downscale: 2 })).toMatchObject({ widthPx: 30, heightPx: 20 })
})
