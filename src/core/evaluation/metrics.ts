/**
 * A figure that says how good pictures are, as data: tables, help and command-line output are made from this.
 * `pairs` compares each picture with its true partner; `sets` compares two heaps of pictures; `made` looks at one heap.
 */
export type MetricDeclaration = {
  label: string
  /** The field's own name. */
  term: string
  better: 'lower' | 'higher'
  compares: 'pairs' | 'sets' | 'made'
  digits: number
  unit: string
  help: string
}

export const metrics = {
  l1: {
    label: 'Difference',
    term: 'L1',
    better: 'lower',
    compares: 'pairs',
    digits: 4,
    unit: '',
    help: 'Mean absolute difference to the true picture; samples from 0 to 1.',
  },
  psnr: {
    label: 'Signal to noise',
    term: 'PSNR',
    better: 'higher',
    compares: 'pairs',
    digits: 2,
    unit: 'dB',
    help: 'Peak signal-to-noise ratio. 30 dB and more is close to the true picture.',
  },
  ssim: {
    label: 'Structure',
    term: 'SSIM',
    better: 'higher',
    compares: 'pairs',
    digits: 4,
    unit: '',
    help: 'Structural similarity, up to 1 (Wang et al. 2004).',
  },
  msSsim: {
    label: 'Structure at all scales',
    term: 'MS-SSIM',
    better: 'higher',
    compares: 'pairs',
    digits: 4,
    unit: '',
    help: 'Structural similarity over five sizes (Wang, Simoncelli, Bovik 2003). Needs sides of more than 160 px.',
  },
  stLpips: {
    label: 'Looks different',
    term: 'ST-LPIPS',
    better: 'lower',
    compares: 'pairs',
    digits: 4,
    unit: '',
    help: 'Perceptual distance that forgives a shift by a pixel (Ghildyal and Liu 2022). Not comparable with LPIPS.',
  },
  kid: {
    label: 'Distance of the looks',
    term: 'KID (EffNet-Lite0)',
    better: 'lower',
    compares: 'sets',
    digits: 4,
    unit: '',
    help: 'How far the made pictures are from the real ones as a whole, on EfficientNet-Lite0 features. No published KID compares.',
  },
  frechet: {
    label: 'Distance of the looks, for large sets',
    term: 'Frechet distance (EffNet-Lite0)',
    better: 'lower',
    compares: 'sets',
    digits: 3,
    unit: '',
    help: 'Between Gaussians fitted to EfficientNet-Lite0 features. Needs 1,500 pictures a side. No published FID compares.',
  },
  kidInception: {
    label: 'Distance of the looks, published features',
    term: 'KID (imported Inception)',
    better: 'lower',
    compares: 'sets',
    digits: 4,
    unit: '',
    help: 'On Inception weights that you imported yourself.',
  },
  frechetInception: {
    label: 'Distance of the looks, published features, for large sets',
    term: 'FID (imported Inception)',
    better: 'lower',
    compares: 'sets',
    digits: 3,
    unit: '',
    help: 'On Inception weights that you imported yourself. Needs 1,500 pictures a side.',
  },
  precision: {
    label: 'Believable',
    term: 'Precision',
    better: 'higher',
    compares: 'sets',
    digits: 3,
    unit: '',
    help: 'Share of made pictures that lie among the real ones (Kynkaanniemi et al. 2019).',
  },
  recall: {
    label: 'Covers what is real',
    term: 'Recall',
    better: 'higher',
    compares: 'sets',
    digits: 3,
    unit: '',
    help: 'Share of real pictures that lie among the made ones (Kynkaanniemi et al. 2019).',
  },
  diversity: {
    label: 'Variety',
    term: 'Diversity',
    better: 'higher',
    compares: 'made',
    digits: 4,
    unit: '',
    help: 'Mean perceptual distance between made pictures. Near 0: they all look alike.',
  },
} as const satisfies Record<string, MetricDeclaration>

export type MetricId = keyof typeof metrics
export const metricIds = Object.keys(metrics) as MetricId[]
