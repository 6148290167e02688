export { writeExport, type ExportRequest, type ExportResult } from './writeExport.ts'
