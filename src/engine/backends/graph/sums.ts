import { toAttribute } from './attributes.ts'
import type { AttrValue, NodeDef } from './tensorflow_pb.ts'

/** Our op (scripts/setup/addon/sums.cc): tensors of one shape, from the first to the last. */
export const SUM = 'DiptychSum'

/**
 * A sum whose first term is a sum that nobody else needs becomes one sum of all their terms: each number is read once. The
 * order stays, and so does every bit.
 * @param needed nodes that must stay
 */
export function joinSums(nodes: readonly NodeDef[], needed: ReadonlySet<string>): NodeDef[] {
  const uses = new Map<string, number>()
  for (const name of nodes.flatMap(({ input }) => input.map(nodeOf)))
    uses.set(name, (uses.get(name) ?? 0) + 1)
  const sums = new Map(nodes.filter(({ op }) => op === SUM).map((node) => [node.name, node]))
  const joined = new Set<string>()
  for (const sum of sums.values()) {
    const first = sums.get(nodeOf(sum.input[0] ?? ''))
    if (!first || needed.has(first.name) || uses.get(first.name) !== 1) continue
    sum.input = [...first.input, ...sum.input.slice(1)]
    sum.attr.N = sizeAttribute(sum.input.length)
    joined.add(first.name)
  }
  return nodes.filter(({ name }) => !joined.has(name))
}

/** The attribute N: how many. */
export function sizeAttribute(terms: number): AttrValue {
  return toAttribute({ case: 'i', value: BigInt(terms) })
}

/** Of "node:output" or "^node". */
export function nodeOf(place: string): string {
  return place.replace(/^\^/, '').replace(/:\d+$/, '')
}
