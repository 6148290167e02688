import type { Handlers } from './types.ts'

export const exportHandlers = {
  'export:write': async ({ exporter, options, items, output }) => {
    const { writeExport } = await import('../../exporters/index.ts')
    const pairs = items.map(({ before, after }) => ({ before: before.path, after: after.path }))
    const { written, failed } = await writeExport({ exporter, options, items: pairs, output: output.path })
    return {
      written: written.map((path) => ({ path })),
      failed: failed.map(({ path, message }) => ({ file: { path }, message })),
    }
  },
} satisfies Partial<Handlers>
