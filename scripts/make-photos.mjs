/**
 * Rebuilds resources/photos/ from Debian packages (apt) with the pinned sharp. Needs apt-get and dpkg-deb.
 *
 *   node scripts/make-photos.mjs
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import sharp from 'sharp'
import { packages, sha256, withPackages } from './make-packages.mjs'

const photosDir = fileURLToPath(new URL('../resources/photos', import.meta.url))
const folders = { lomiri: 'usr/share/backgrounds', skimage: 'usr/lib/python3/dist-packages/skimage/data' }

const ccBy = 'CC-BY-4.0'
const cc0 = 'CC0-1.0'

/** The longer side is brought to `sizePx` where given; `edit` is what else was done, in words and in code. */
const photos = [
  {
    file: 'mountain-trail.jpg',
    title: 'picosdeeuropa',
    author: 'Aitzol Berasategi',
    licence: ccBy,
    from: 'lomiri',
    original: 'picosdeeuropa_by_Aitzol_Berasategi.jpg',
    sizePx: 1400,
  },
  {
    file: 'dandelions.jpg',
    title: 'seeding',
    author: 'Clemens Engelhardt',
    licence: cc0,
    from: 'lomiri',
    original: 'seeding_by_Clements_Engelhardt.jpg',
    sizePx: 1400,
  },
  {
    file: 'dogs-at-a-window.jpg',
    title: 'friends',
    author: 'Aitzol Berasategi',
    licence: ccBy,
    from: 'lomiri',
    original: 'friends_by_Aitzol_Berasategi.jpg',
    sizePx: 1400,
    edit: 'stored lying on its side with EXIF orientation 6, converted to Display P3 with its ICC profile, an invented GPS position added',
    apply: layOnSide,
  },
  {
    file: 'brushes.jpg',
    title: 'Picture_1A',
    author: 'Trevor "Freespace"',
    licence: ccBy,
    from: 'lomiri',
    original: 'Picture_1A_by_freespace.jpg',
    sizePx: 1280,
  },
  {
    file: 'fig-with-noise.jpg',
    title: 'Picture_0B',
    author: 'Trevor "Freespace"',
    licence: ccBy,
    from: 'lomiri',
    original: 'Picture_0B_by_freespace.jpg',
    sizePx: 1100,
    edit: 'noise added (normal, standard deviation 12 of 255, seeded)',
    apply: addNoise,
  },
  {
    file: 'small-astronaut.jpg',
    title: 'Eileen Collins, astronaut',
    author: 'NASA',
    licence: 'public domain',
    from: 'skimage',
    original: 'astronaut.png',
  },
  {
    file: 'small-cat.jpg',
    title: 'Chelsea the cat',
    author: 'Stefan van der Walt',
    licence: cc0,
    from: 'skimage',
    original: 'chelsea.png',
  },
]

/** A photograph as many cameras store it: turned a quarter, with the turn in its EXIF. */
async function layOnSide(picture) {
  const upright = await picture.png().toBuffer()
  return sharp(upright)
    .rotate(-90)
    .withMetadata({ orientation: 6, icc: 'p3' })
    .withExifMerge({
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '12/1 34/1 56/1',
        GPSLongitudeRef: 'W',
        GPSLongitude: '65/1 43/1 21/1',
      },
    })
}

/** Park and Miller's generator: the same numbers everywhere. Returns values in (0, 1). */
function createRandom(seed) {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

async function addNoise(picture) {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const random = createRandom(1)
  // Box and Muller: two uniform numbers make one normal one. A clamped array rounds and clips.
  const noisy = new Uint8ClampedArray(data.length)
  for (let i = 0; i < data.length; i++)
    noisy[i] = data[i] + 12 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const { width, height, channels } = info
  return sharp(noisy, { raw: { width, height, channels } })
}

async function writePhoto(photo, root) {
  const { file, title, author, licence, from, original, sizePx, edit, apply } = photo
  const source = sharp(path.join(root, folders[from], original))
    .removeAlpha()
    .toColourspace('srgb')
  const sized = sizePx === undefined ? source : source.resize(sizePx, sizePx, { fit: 'inside' })
  const edited = apply === undefined ? sized : await apply(sized)
  const bytes = await edited
    .withExifMerge({ IFD0: { ImageDescription: title, Artist: author, Copyright: licence } })
    .jpeg({ quality: 88, mozjpeg: true })
    .toBuffer()
  writeFileSync(path.join(photosDir, file), bytes)
  const resized = sizePx === undefined ? [] : [`longer side resized to ${sizePx} pixels`]
  const changes = [...resized, ...(edit === undefined ? [] : [edit]), 'saved as JPEG, quality 88'].join('; ')
  return {
    file,
    title,
    author,
    licence,
    package: packages[from].spec,
    original,
    changes,
    sha256: sha256(bytes),
  }
}

await withPackages(['lomiri', 'skimage'], async (roots) => {
  mkdirSync(photosDir, { recursive: true })
  const written = []
  for (const photo of photos) written.push(await writePhoto(photo, roots[photo.from]))
  const card = path.join(photosDir, 'photos.json')
  const style = { ...(await resolveConfig(card)), filepath: card }
  writeFileSync(card, await format(JSON.stringify({ photos: written }), style))
})
