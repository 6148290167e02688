import { describe, expect, it } from 'vitest'
import {
  engineContract,
  engineJobEvent,
  forwardedContract,
  windowEvent,
  type EngineRequestName,
} from '../../src/core/contract/index.ts'
import { Refused } from '../../src/core/errors.ts'
import { fileOnDisk, mapFiles } from '../../src/core/files.ts'
import { eventForWindow, forWindow, toPaths } from '../../src/main/engine/forward.ts'
import { createGrants } from '../../src/main/grants.ts'
import { draw } from '../support/arbitrary.ts'

const SECRET = '/home/somebody/private'
const names = Object.keys(engineContract) as EngineRequestName[]

/** A small generator of its own, so that a failure repeats. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Every file of a drawn value gets a path of its own, below a folder that must never be seen. */
function hide(value: unknown): { value: unknown; paths: string[] } {
  const paths: string[] = []
  const isFile = (entry: object) => fileOnDisk.safeParse(entry).success
  const hidden = mapFiles(value, isFile, () => {
    paths.push(`${SECRET}/${paths.length}.png`)
    return { path: paths.at(-1) }
  })
  return { value: hidden, paths }
}

describe('what crosses between window and engine', () => {
  it.each(names)('%s: no path reaches the window, and every handle leads back to its file', (name) => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const grants = createGrants()
      const { value, paths } = hide(draw(engineContract[name].reply, seeded(seed)))
      const answer = forWindow(grants, name, { ok: true, reply: value })
      expect(JSON.stringify(answer)).not.toContain(SECRET)
      const back = answer.ok ? JSON.stringify(toPaths(grants, answer.reply)) : ''
      for (const path of paths) expect(back).toContain(path)
    }
  })

  it('events carry no path either', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const { value } = hide(draw(engineJobEvent, seeded(seed)))
      const event = eventForWindow(createGrants(), engineJobEvent.parse(value))
      expect(JSON.stringify(event)).not.toContain(SECRET)
      expect(windowEvent.safeParse(event).success).toBe(true)
    }
  })

  it.each(names)('%s: a request with granted handles is one that the engine accepts', (name) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const grants = createGrants()
      const drawn = draw(forwardedContract[name].request, seeded(seed))
      const isHandle = (entry: object) => 'id' in entry && 'name' in entry
      const granted = mapFiles(drawn, isHandle, () => grants.grant(`${SECRET}/x.png`))
      expect(engineContract[name].request.safeParse(toPaths(grants, granted)).error).toBeUndefined()
    }
  })

  it('a reply of the wrong shape is refused, not shown', () => {
    const reply = [{ id: 'x', name: 'x', description: 'x', cover: { path: '/x' }, extra: '/etc' }]
    expect(() => forWindow(createGrants(), 'sample:list', { ok: true, reply })).toThrow()
  })

  it('a forged handle names nothing', () => {
    const request = { folder: { id: 'AAAAAAAAAAAAAAAAAAAA', name: 'passwd' } }
    expect(() => toPaths(createGrants(), request)).toThrow(Refused)
  })
})
