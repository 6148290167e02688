export { exporterWriters } from './writers.ts'
export { writeExport, type ExportRequest, type ExportResult } from './writeExport.ts'
