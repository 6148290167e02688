import { basename } from 'node:path'
import { pairedFolders } from '../../core/datasets/pairedFolders.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { listDataFolder, looseKey, type PlacedFile } from './folders.ts'
import { finding, type Candidate, type Finding, type Found } from './reader.ts'

type Group = { a: PlacedFile[]; b: PlacedFile[] }

function groupByKey(a: readonly PlacedFile[], b: readonly PlacedFile[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  const groupOf = (file: PlacedFile): Group => {
    const key = looseKey(file)
    const group = groups.get(key) ?? { a: [], b: [] }
    groups.set(key, group)
    return group
  }
  for (const file of a) groupOf(file).a.push(file)
  for (const file of b) groupOf(file).b.push(file)
  return groups
}

function pairOf(a: PlacedFile, b: PlacedFile): Candidate {
  return {
    name: a.name.normalize('NFC'),
    split: a.split,
    a: { path: a.path, region: 'whole' },
    b: { path: b.path, region: 'whole' },
    truePairKey: null,
  }
}

function unmatched(file: PlacedFile, here: string, there: string): Finding {
  return finding(
    'warning',
    'unmatched',
    `${basename(file.path)} in ${here} has no partner of the same name in ${there}.`,
    `Add its partner to ${there}, give both the same name, or remove it.`,
    file.path,
  )
}

function ambiguous(file: PlacedFile, kept: PlacedFile): Finding {
  return finding(
    'warning',
    'ambiguous',
    `${basename(file.path)} is left out: ${basename(kept.path)} beside it has the same name.`,
    'Remove one of the two, or rename it and its partner.',
    file.path,
  )
}

/** Takes exact names first, then what differs in capitals or composed letters only. */
function matchGroup({ a, b }: Group, pairs: Candidate[], findings: Finding[]): void {
  const restB = [...b]
  const restA: PlacedFile[] = []
  const matched: PlacedFile[] = []
  const match = (fileA: PlacedFile, at: number) => {
    const [fileB] = restB.splice(at, 1)
    if (!fileB) return
    pairs.push(pairOf(fileA, fileB))
    matched.push(fileA, fileB)
  }
  for (const fileA of a) {
    const at = restB.findIndex((fileB) => fileB.name.normalize('NFC') === fileA.name.normalize('NFC'))
    if (at >= 0) match(fileA, at)
    else restA.push(fileA)
  }
  while (restA.length > 0 && restB.length > 0) match(restA.shift() as PlacedFile, 0)
  for (const [rest, side] of [[restA, a] as const, [restB, b] as const])
    for (const file of rest) {
      const kept = side.find((other) => matched.includes(other))
      const [here, there] = side === a ? (['A', 'B'] as const) : (['B', 'A'] as const)
      findings.push(kept ? ambiguous(file, kept) : unmatched(file, here, there))
    }
}

/** Two folders; partners have the same place and name, whatever their extensions. */
export async function readPairedFolders(input: unknown, projectFolder: string): Promise<Found> {
  const options = parseOptions(pairedFolders.options, input)
  const a = await listDataFolder(options.a, projectFolder)
  const b = await listDataFolder(options.b, projectFolder)
  const pairs: Candidate[] = []
  const findings = [...a.findings, ...b.findings]
  for (const group of groupByKey(a.files, b.files).values()) matchGroup(group, pairs, findings)
  return { groups: [pairs], isPaired: true, derivation: null, findings, split: options }
}
