import { z } from 'zod'

// The window's content security policy forbids compiling code from text. Schemas decide when they are made, so this
// module is imported before any of them.
z.config({ jitless: true })
