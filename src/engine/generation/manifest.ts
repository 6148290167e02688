import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { splitNames } from '../../core/datasets/report.ts'
import { countInWords } from '../../core/words.ts'
import { csvRow } from '../exporters/csv.ts'
import type { FoundFigures } from './figures.ts'
import { figuresSection } from './figureWords.ts'
import type { LedgerLine, SetRecipe } from './ledger.ts'
import type { Wanted } from './plan.ts'
import { markdownRow } from './table.ts'

/** What is said of a set beside its pictures. */
export type SetText = {
  wanted: readonly Wanted[]
  /** Names of classes. */
  labels: readonly string[]
  lines: readonly LedgerLine[]
  header: ModelHeader
  recipe: SetRecipe
}

/** The pictures that are there, with their places in the order of making. */
export function keptOf({ wanted, lines }: SetText): { slot: number; wanted: Wanted; line: LedgerLine }[] {
  return lines.flatMap((line, slot) =>
    line.isLeftOut ? [] : [{ slot, wanted: wanted[slot] as Wanted, line }],
  )
}

const nameOf = (label: number | null, { labels }: SetText): string =>
  label === null ? '' : (labels[label] ?? '')

/** labels.csv: one row a picture; with its source picture and its nearest real one where there are any. */
export function tableOf(text: SetText, found: FoundFigures | null): string {
  const { seed } = text.recipe.options
  const hasSource = text.recipe.source !== null
  const head = ['file', 'label', 'split', 'seed', 'place', 'attempt']
  const more = [...(hasSource ? ['source', 'variant'] : []), ...(found ? ['nearest_real', 'difference'] : [])]
  const rows = keptOf(text).map(({ slot, wanted: { place, label, split, source }, line }, index) => {
    const near = found?.neighbours[index]
    return csvRow([
      ...[place, nameOf(label, text), split, seed, slot, line.attempt].map(String),
      ...(hasSource ? [source?.name ?? '', String(source?.variant ?? 0)] : []),
      ...(near ? [near.real, near.difference.toFixed(5)] : []),
    ])
  })
  return csvRow([...head, ...more]) + rows.join('')
}

/** metadata.jsonl: the same as readers of picture folders take it, with the model. */
export function metadataOf(text: SetText, found: FoundFigures | null): string {
  const { recipe } = text
  const rows = keptOf(text).map(({ slot, wanted: { place, label, split, source }, line }, index) => {
    const near = found?.neighbours[index]
    return JSON.stringify({
      file_name: place,
      ...(label !== null && { label: nameOf(label, text) }),
      split,
      seed: recipe.options.seed,
      place: slot,
      attempt: line.attempt,
      source: source && source.name,
      ...(source && { variant: source.variant }),
      model: recipe.model.sha256,
      ...(recipe.judge && { judge_score: line.score }),
      ...(near && { nearest_real: near.real, difference: Number(near.difference.toFixed(5)) }),
    })
  })
  return `${rows.join('\n')}\n`
}

/** README.md: where the set comes from, what is in it, what it is worth, what it is not. */
export function cardOf(text: SetText, found: FoundFigures | null): string {
  const { header, recipe } = text
  const kept = keptOf(text).map(({ wanted }) => wanted)
  const count = (test: (one: Wanted) => boolean) => kept.filter(test).length
  const labels = [...new Set(kept.map(({ label }) => label))]
  const splits = splitNames.filter((split) => count((one) => one.split === split) > 0)
  const rows = labels.map((label) =>
    markdownRow([
      nameOf(label, text) || 'all',
      ...splits.map((split) => count((one) => one.label === label && one.split === split)),
    ]),
  )
  return `# ${countInWords(kept.length, 'synthetic picture')}

${originOf(text)}

${markdownRow(['class', ...splits])}
${markdownRow(['---', ...splits.map(() => '---')])}
${rows.join('\n')}

## Where it comes from

- ${header.card.summary}
- Training pictures' licence: ${header.card.licence}
- ${settingsOf(recipe)}
- ${leftOutWords(text)}
${recipe.balance ? `- ${balanceWords(recipe)}\n` : ''}${found ? `\n${figuresSection(found.figures)}\n` : ''}
## Limits

- ${header.card.limits}
- What the training pictures lack, these lack too; what is rare there may be missing here.
- ${comparedWords(recipe, found)}
`
}

function originOf({ header, recipe }: SetText): string {
  const again = `with the model file whose SHA-256 is \`${recipe.model.sha256}\``
  return recipe.source === null
    ? `Made by ${header.name}, a model trained with Diptych. No picture here was photographed; each can be made again from its seed and place (labels.csv) ${again}.`
    : `Made by ${header.name}, a model trained with Diptych, of other pictures: each shows what its source picture (labels.csv) shows, turned into another look, and can be made again of it ${again}. Results of one source picture are in one split.`
}

function settingsOf({ options, real }: SetRecipe): string {
  return `Settings: seed ${options.seed}; left out when closer than ${options.leastDifference} to another picture${real === null ? '' : ' or to a real one'}.`
}

function leftOutWords({ lines, recipe }: SetText): string {
  const { judge, options } = recipe
  const sum = (key: 'alike' | 'known' | 'doubted') => lines.reduce((all, line) => all + line[key], 0)
  const compared =
    recipe.real === null ? 'real pictures were not compared' : `${sum('known')} too close to a real picture`
  const doubted = judge
    ? `, ${sum('doubted')} among the ${Math.round(100 * options.dropLowest)}% that the judge of the run (step ${judge.step}) took least for real`
    : ''
  return recipe.source === null
    ? `Left out and replaced: ${sum('alike')} too close to another of these, ${compared}${doubted}.`
    : `Left out: ${sum('alike')} too close to a result of another source picture, ${compared}.`
}

function balanceWords({ balance, options }: SetRecipe): string {
  const target = options.balanceTo ?? Math.max(...Object.values(balance ?? {}))
  return `Fills up rare classes: of each as many as its real training pictures lack to ${target}. Use it together with them; alone it is as skewed as they are, the other way round.`
}

function comparedWords({ real }: SetRecipe, found: FoundFigures | null): string {
  return real === null && !found
    ? 'Whether any of these repeats a training picture was not looked at.'
    : 'Compared with the real pictures over a coarse grid of brightness only: a person in a training picture may still be recognised.'
}
