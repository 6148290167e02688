import { refuse } from '../core/errors.ts'

/** Held-out pictures as a person names them. @throws Refused `option-invalid` */
export function splitFrom(text: string): 'val' | 'test' {
  if (text === 'val' || text === 'test') return text
  throw refuse('option-invalid', `--split cannot take "${text}".`, 'Give val or test.')
}
