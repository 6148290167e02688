import { bfloat16Unit } from '../src/engine/backends/hardware.ts'
import { markdownRow } from '../src/engine/generation/table.ts'
import { OURS } from './contenders.ts'
import type { AloneResult, Options, Result, Results, Tricks } from './main.ts'
import type { Spread } from './rounds.ts'
import type { AloneRow, Row } from './rows.ts'

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function describe({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`
}

function milliseconds(spread: Spread): string {
  return describe(spread, spread.median < 20 ? 1 : 0)
}

export function printHead(machine: string, { rounds }: Options): void {
  const unit = bfloat16Unit()
  print(
    `${machine}, bfloat16 ${unit ? `by ${unit}` : 'not in hardware'}; ${rounds} rounds, medians and ranges in ms; ` +
      `ratio: the best other's time by ours\n`,
  )
  const columns = ['row', 'precision', 'Diptych', 'best other', 'ratio', 'target', 'verdict']
  print(markdownRow([...columns, 'tfjs as it comes', "of the float32 floor's speed", 'an op']))
  print('|---|---|---|---|---|---|---|---|---|---|')
}

export function printRow(row: Row, result: Result): void {
  const { best, ratio, target, verdict, timesTfjs, floorShare, microsecondsPerOp } = result
  print(
    markdownRow([
      row.label,
      result.precision,
      milliseconds(result.milliseconds[OURS] as Spread),
      `${best} ${milliseconds(result.milliseconds[best] as Spread)}`,
      describe(ratio, 2),
      target
        ? `${target.target} (stretch ${target.stretch})${target.timesTfjs ? `, ${target.timesTfjs} x tfjs` : ''}`
        : '',
      verdict,
      timesTfjs === null ? '' : `${timesTfjs.toFixed(1)} x`,
      floorShare === null ? '' : `${(100 * floorShare).toFixed(0)}%`,
      microsecondsPerOp === null ? '' : `${microsecondsPerOp.toFixed(1)} us`,
    ]),
  )
}

export function printAlone({ label }: AloneRow, { figures }: AloneResult): void {
  print(`\n| ${label} | | target | verdict |\n|---|---|---|---|`)
  for (const { name, value, unit, atMost, stretch, verdict } of figures)
    print(
      markdownRow([
        name,
        `${Number(value.toPrecision(3))} ${unit}`.trim(),
        atMost === undefined ? '' : `at most ${atMost} (stretch ${stretch})`,
        verdict,
      ]),
    )
}

export function printTricks({ label }: Row, { tricks }: Tricks): void {
  print(`\n| ${label} | ms | times as fast |\n|---|---|---|`)
  for (const one of tricks)
    print(markdownRow([one.name, milliseconds(one.milliseconds), describe(one.ratio, 2)]))
}

export function printFinish({ isQuick }: Options, { results, alone }: Results): void {
  const all = [
    ...results.map(({ row, precision, verdict }) => ({ name: `${row} ${precision}`, verdict })),
    ...alone.flatMap(({ row, figures }) =>
      figures.map(({ name, verdict }) => ({ name: `${row} (${name})`, verdict })),
    ),
  ]
  const list = (wanted: string) =>
    all
      .filter(({ verdict }) => verdict === wanted)
      .map(({ name }) => name)
      .join(', ') || 'none'
  if (all.length > 0) print(`\nTargets missed: ${list('missed')}. Short of the stretch: ${list('target')}.`)
  if (isQuick) print('Quick: shows that it works. These are no measurements.')
}
