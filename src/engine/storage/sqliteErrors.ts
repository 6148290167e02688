import { dirname } from 'node:path'
import { refuse } from '../../core/errors.ts'

// SQLite's primary result codes (sqlite.org/rescode.html); the higher bytes of an error code only refine them.
const READ_ONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}

/** What SQLite throws, as a refusal where it is an expected failure; everything else as it is. */
export function refusalForDatabase(path: string, error: unknown): unknown {
  switch (resultCodeOf(error)) {
    case FULL:
    case IO_ERROR:
      return refuse(
        'disk-full',
        `${path} could not be written: the disk is full or failing.`,
        'Free some space, then go on: everything up to the last saved state is safe.',
      )
    case READ_ONLY:
    case CANNOT_OPEN:
      return refuse(
        'write-forbidden',
        `The folder ${dirname(path)} may not be written to.`,
        'Change its permissions, or copy the project to a folder that may be written to.',
      )
    case CORRUPT:
    case NOT_A_DATABASE:
      return refuse(
        'database-damaged',
        `${path} is damaged: ${error instanceof Error ? error.message : ''}.`,
        'Move it away and open the project again: pictures, runs and models are kept, only the curves are lost.',
      )
    default:
      return error
  }
}
