import type { GenerationEvent } from './generateSet.ts'

type Told = Extract<GenerationEvent, { type: 'figures-progress' }>
/** How far a part of the figures has come. */
export type PartProgress = Pick<Told, 'part' | 'done' | 'total'>
