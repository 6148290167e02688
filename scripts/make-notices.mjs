/**
 * Rebuilds THIRD-PARTY-NOTICES.md: make-notices-text.mjs says what ships beside npm packages, the installed packages
 * say the rest.
 *
 *   npm ci --ignore-scripts && node scripts/make-notices.mjs
 *   node scripts/make-notices.mjs --check        only says whether the file is up to date, by its exit code
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { afterPackages, beforePackages } from './make-notices-text.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const notices = path.join(root, 'THIRD-PARTY-NOTICES.md')

/** Development dependencies whose code is built into the window. */
function listBundled(manifest) {
  const renderer = path.join(root, 'src', 'renderer')
  const sources = readdirSync(renderer, { recursive: true }).filter((name) => /\.tsx?$/.test(name))
  const text = sources.map((name) => readFileSync(path.join(renderer, name), 'utf8')).join('\n')
  const imported = new Set([...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name))
  const isImported = (name) => [...imported].some((found) => found === name || found.startsWith(`${name}/`))
  return Object.keys(manifest.devDependencies).filter(isImported)
}

/** The lock file's key of the package that `name` means inside the package at `from`. */
function resolveKey(packages, from, name) {
  for (let place = from; ; place = place.slice(0, place.lastIndexOf('/node_modules/'))) {
    const key = `${place === '' ? '' : `${place}/`}node_modules/${name}`
    if (key in packages) return key
    if (place === '') return undefined
    if (!place.includes('/node_modules/')) place = '/node_modules/'
  }
}

/** Every package that `names` need at run time, themselves included: keys of the lock file. */
function collectKeys(packages, names) {
  const keys = new Set()
  const visit = (from, name) => {
    const key = resolveKey(packages, from, name)
    // Optional packages that are not in the lock, and builds for one system: described by hand.
    if (key === undefined || keys.has(key) || packages[key].os || packages[key].cpu) return
    keys.add(key)
    for (const dependency of Object.keys(packages[key].dependencies ?? {})) visit(key, dependency)
    for (const dependency of Object.keys(packages[key].optionalDependencies ?? {})) visit(key, dependency)
  }
  for (const name of names) visit('', name)
  return [...keys]
}

function readCopyright(folder, manifest) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying|notice)/i.test(name))
  const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8')
  const lines = text.split('\n').map((line) => line.replace(/^[\s*#/]+|\s+$/g, ''))
  // The Apache licence's own text speaks of copyright without naming anybody.
  const isName = (line) =>
    /^(portions )?copyright\s/i.test(line) && !/notice|owner|license|holder|statement/i.test(line)
  const found = lines.filter(isName)
  if (found.length > 0) return [...new Set(found)].join('; ')
  // Named in the head of every source file, not in the package.
  if (manifest.name.startsWith('@tensorflow/')) return 'Copyright Google LLC'
  const { author } = manifest
  const name = typeof author === 'string' ? author : author?.name
  return name === undefined ? 'its authors (no copyright line in the package)' : `${name} (author)`
}

function describePackage(key) {
  const folder = path.join(root, key)
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const { name, version, license } = manifest
  const line = `- **${name}** ${version}, ${license ?? 'licence not stated'}. ${readCopyright(folder, manifest)}`
  return line.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
const keys = collectKeys(packages, [...Object.keys(manifest.dependencies), ...listBundled(manifest)])
const missing = keys.filter((key) => !existsSync(path.join(root, key)))
if (missing.length > 0) throw new Error(`Not installed: ${missing.join(', ')}. Run npm ci first.`)

const rows = [...new Set(keys.map(describePackage))].sort((a, b) => (a < b ? -1 : 1))
const text = `${beforePackages}\n${rows.join('\n')}\n${afterPackages}`
const page = await format(text, { ...(await resolveConfig(notices)), filepath: notices })
if (process.argv.includes('--check')) {
  if (readFileSync(notices, 'utf8') === page) process.exit(0)
  console.error('THIRD-PARTY-NOTICES.md is not up to date. Run: node scripts/make-notices.mjs')
  process.exit(1)
}
writeFileSync(notices, page)
console.log(`Named ${rows.length} packages.`)
