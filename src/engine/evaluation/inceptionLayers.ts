/** A convolution of Inception-v3 with the batch norm after it, by the name that published weights give it. */
export type InceptionLayer = {
  name: string
  /** [out, in, height, width] */
  shape: readonly [number, number, number, number]
}

/** Height and width of a kernel. */
type Kernel = readonly [number, number]
const ONE: Kernel = [1, 1]
const THREE: Kernel = [3, 3]
const FIVE: Kernel = [5, 5]
const WIDE: Kernel = [1, 7]
const HIGH: Kernel = [7, 1]
const FLAT: Kernel = [1, 3]
const STEEP: Kernel = [3, 1]

type Step = readonly [suffix: string, outputs: number, kernel: Kernel]

/** Convolutions one after another, each taking what the one before gives. */
function chain(block: string, inputs: number, steps: readonly Step[]): InceptionLayer[] {
  return steps.map(([suffix, outputs, kernel], index) => ({
    name: `${block}.${suffix}`,
    shape: [outputs, index === 0 ? inputs : (steps[index - 1] as Step)[1], ...kernel],
  }))
}

function blockA(block: string, inputs: number, pooled: number): InceptionLayer[] {
  return [
    ...chain(block, inputs, [['branch1x1', 64, ONE]]),
    ...chain(block, inputs, [
      ['branch5x5_1', 48, ONE],
      ['branch5x5_2', 64, FIVE],
    ]),
    ...chain(block, inputs, [
      ['branch3x3dbl_1', 64, ONE],
      ['branch3x3dbl_2', 96, THREE],
      ['branch3x3dbl_3', 96, THREE],
    ]),
    ...chain(block, inputs, [['branch_pool', pooled, ONE]]),
  ]
}

function blockB(block: string): InceptionLayer[] {
  return [
    ...chain(block, 288, [['branch3x3', 384, THREE]]),
    ...chain(block, 288, [
      ['branch3x3dbl_1', 64, ONE],
      ['branch3x3dbl_2', 96, THREE],
      ['branch3x3dbl_3', 96, THREE],
    ]),
  ]
}

function blockC(block: string, width: number): InceptionLayer[] {
  return [
    ...chain(block, 768, [['branch1x1', 192, ONE]]),
    ...chain(block, 768, [
      ['branch7x7_1', width, ONE],
      ['branch7x7_2', width, WIDE],
      ['branch7x7_3', 192, HIGH],
    ]),
    ...chain(block, 768, [
      ['branch7x7dbl_1', width, ONE],
      ['branch7x7dbl_2', width, HIGH],
      ['branch7x7dbl_3', width, WIDE],
      ['branch7x7dbl_4', width, HIGH],
      ['branch7x7dbl_5', 192, WIDE],
    ]),
    ...chain(block, 768, [['branch_pool', 192, ONE]]),
  ]
}

function blockD(block: string): InceptionLayer[] {
  return [
    ...chain(block, 768, [
      ['branch3x3_1', 192, ONE],
      ['branch3x3_2', 320, THREE],
    ]),
    ...chain(block, 768, [
      ['branch7x7x3_1', 192, ONE],
      ['branch7x7x3_2', 192, WIDE],
      ['branch7x7x3_3', 192, HIGH],
      ['branch7x7x3_4', 192, THREE],
    ]),
  ]
}

function blockE(block: string, inputs: number): InceptionLayer[] {
  return [
    ...chain(block, inputs, [['branch1x1', 320, ONE]]),
    ...chain(block, inputs, [['branch3x3_1', 384, ONE]]),
    ...chain(block, 384, [['branch3x3_2a', 384, FLAT]]),
    ...chain(block, 384, [['branch3x3_2b', 384, STEEP]]),
    ...chain(block, inputs, [
      ['branch3x3dbl_1', 448, ONE],
      ['branch3x3dbl_2', 384, THREE],
    ]),
    ...chain(block, 384, [['branch3x3dbl_3a', 384, FLAT]]),
    ...chain(block, 384, [['branch3x3dbl_3b', 384, STEEP]]),
    ...chain(block, inputs, [['branch_pool', 192, ONE]]),
  ]
}

const stem: InceptionLayer[] = [
  { name: 'Conv2d_1a_3x3', shape: [32, 3, 3, 3] },
  { name: 'Conv2d_2a_3x3', shape: [32, 32, 3, 3] },
  { name: 'Conv2d_2b_3x3', shape: [64, 32, 3, 3] },
  { name: 'Conv2d_3b_1x1', shape: [80, 64, 1, 1] },
  { name: 'Conv2d_4a_3x3', shape: [192, 80, 3, 3] },
]

/** Every convolution of Inception-v3 (Szegedy et al. 2016) up to its pooled features, in the order of the network. */
export const inceptionLayers: readonly InceptionLayer[] = [
  ...stem,
  ...blockA('Mixed_5b', 192, 32),
  ...blockA('Mixed_5c', 256, 64),
  ...blockA('Mixed_5d', 288, 64),
  ...blockB('Mixed_6a'),
  ...blockC('Mixed_6b', 128),
  ...blockC('Mixed_6c', 160),
  ...blockC('Mixed_6d', 160),
  ...blockC('Mixed_6e', 192),
  ...blockD('Mixed_7a'),
  ...blockE('Mixed_7b', 1280),
  ...blockE('Mixed_7c', 2048),
]
