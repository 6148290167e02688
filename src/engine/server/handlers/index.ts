import { hello } from './engine.ts'
import { exportHandlers } from './exports.ts'
import { jobHandlers } from './jobs.ts'
import { pictureHandlers } from './pictures.ts'
import { projectHandlers } from './projects.ts'
import { runHandlers } from './runs.ts'
import { shelfHandlers } from './shelf.ts'
import type { Handlers } from './types.ts'

export const handlers = {
  'engine:hello': hello,
  ...projectHandlers,
  ...shelfHandlers,
  ...pictureHandlers,
  ...runHandlers,
  ...jobHandlers,
  ...exportHandlers,
} satisfies Handlers
