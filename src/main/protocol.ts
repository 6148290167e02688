import { readFile } from 'node:fs/promises'
import { basename, extname, join, resolve, sep } from 'node:path'
import type { Protocol } from 'electron'
import { z } from 'zod'
import { engineContract } from '../core/contract/index.ts'
import { derivationSchema } from '../core/datasets/derivedPairs.ts'
import { pictureRegion } from '../core/datasets/report.ts'
import type { Supervisor } from './engine/supervisor.ts'
import type { Grants } from './grants.ts'

export const appOrigin = 'studio://app'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** The one style element that react-aria adds by itself (touch-action of what can be pressed), by the hash of its text. */
const pressableStyle = "'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='"

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${pressableStyle}`,
  "img-src 'self' studio://picture blob: data:",
  "font-src 'self'",
  "connect-src 'self' studio://picture",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export type ProtocolParts = {
  rendererFolder: string
  grants: Grants
  /** The process that makes previews. */
  library: Pick<Supervisor, 'ask'>
}

/** `studio://app/...` is the built window; `studio://picture/<id>?side=N&region=R` a picture that was granted. Nothing else. */
export function serveScheme(target: Protocol, parts: ProtocolParts): void {
  target.handle('studio', async (request) => {
    const url = new URL(request.url)
    if (request.method !== 'GET') return refuseWith(405)
    if (url.host === 'app') return serveApp(parts.rendererFolder, url.pathname)
    if (url.host === 'picture') return servePicture(parts, url)
    return refuseWith(404)
  })
}

function refuseWith(status: number): Response {
  return new Response(null, { status })
}

/** The file below the folder that a path names, or null when it would leave the folder. */
export function fileBelow(folder: string, pathname: string): string | null {
  let name: string
  try {
    name = decodeURIComponent(pathname)
  } catch {
    return null // malformed escapes name nothing
  }
  if (name.includes('\0')) return null
  const path = resolve(join(folder, name === '/' ? 'index.html' : name))
  return path.startsWith(resolve(folder) + sep) ? path : null
}

async function serveApp(folder: string, pathname: string): Promise<Response> {
  const path = fileBelow(folder, pathname)
  const type = path === null ? undefined : contentTypes[extname(path)]
  if (path === null || type === undefined) return refuseWith(404)
  const body = await readFile(path).catch(() => null)
  if (body === null) return refuseWith(404)
  return new Response(new Uint8Array(body), {
    headers: {
      'content-type': type,
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  })
}

const pictureQuery = z.strictObject({
  side: z.coerce.number().int().min(16).max(16384),
  region: pictureRegion.default('whole'),
  derivation: z.string().max(2000).transform(parseJson).pipe(derivationSchema).nullable().default(null),
})

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('not JSON')
    return z.NEVER
  }
}

async function servePicture({ grants, library }: ProtocolParts, url: URL): Promise<Response> {
  const query = pictureQuery.safeParse(Object.fromEntries(url.searchParams))
  const path = pathOf(grants, url.pathname.slice(1))
  if (!query.success || path === null) return refuseWith(404)
  const { side, region, derivation } = query.data
  const answer = await library.ask('picture:preview', { file: { path }, maxSidePx: side, region, derivation })
  if (!answer.ok) return new Response(answer.refusal.message, { status: 422 })
  const preview = engineContract['picture:preview'].reply.parse(answer.reply)
  const body = await readFile(preview.file.path)
  return new Response(new Uint8Array(body), {
    headers: {
      'content-type': contentTypes[extname(preview.file.path)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      // The same address may show another picture once its file has changed; the tag names the contents.
      'cache-control': 'private, no-cache',
      etag: `"${basename(preview.file.path)}"`,
      'access-control-allow-origin': appOrigin,
    },
  })
}

function pathOf(grants: Grants, id: string): string | null {
  try {
    return grants.pathOf(id)
  } catch {
    return null // an id that was never given out names nothing, and is told no more than that
  }
}
