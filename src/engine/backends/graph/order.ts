/** Ops that look at a variable and leave it as it is. All others that are given one may change it. */
const readers = new Set(['ReadVariableOp', 'ResourceGather'])

/**
 * Keeps reads and writes of variables in the order in which they were made, which a graph by itself does not: a write waits
 * for the reads and the write before it, a read for the write before it.
 */
export function createOrder() {
  const variables = new Map<number, { write: string | undefined; reads: string[] }>()
  return {
    /** From now on this number is a variable's. */
    know(id: number): void {
      variables.set(id, { write: undefined, reads: [] })
    },
    /** Nodes that must have run before this one, which is given these inputs. */
    before(op: string, ids: readonly number[], node: string): string[] {
      const waited = new Set<string>()
      for (const id of new Set(ids)) {
        const variable = variables.get(id)
        if (!variable) continue
        if (variable.write !== undefined) waited.add(variable.write)
        if (readers.has(op)) variable.reads.push(node)
        else {
          for (const read of variable.reads) waited.add(read)
          variables.set(id, { write: node, reads: [] })
        }
      }
      return [...waited]
    },
  }
}
