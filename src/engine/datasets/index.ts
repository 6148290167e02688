export type { DatasetReport, Finding, Pair } from './reader.ts'
export { scanDataset } from './scan.ts'
