import { describe, expect, it } from 'vitest'
import { fileHandle } from '../../src/core/files.ts'
import { createGrants } from '../../src/main/grants.ts'

describe('grants', () => {
  it('give a path one handle, of the shape the contract asks for, that leads back to it', () => {
    const grants = createGrants()
    const handle = grants.grant('/a/b/cat.png')
    expect(fileHandle.parse(handle).name).toBe('cat.png')
    expect(grants.grant('/a/b/cat.png')).toEqual(handle)
    expect(grants.pathOf(handle.id)).toBe('/a/b/cat.png')
    expect(grants.grant('/a/c/cat.png').id).not.toBe(handle.id)
  })

  it('say nothing of the path in the id', () => {
    const ids = Array.from(
      { length: 500 },
      (_, index) => createGrants().grant(`/pictures/${index % 2}.png`).id,
    )
    expect(new Set(ids).size).toBe(500)
  })

  it('are bounded: what was used longest ago goes first, what is in use stays', () => {
    const grants = createGrants(3)
    const [one, two] = ['/1', '/2'].map((path) => grants.grant(path).id)
    grants.grant('/3')
    grants.pathOf(one ?? '')
    grants.grant('/4')
    expect(grants.pathOf(one ?? '')).toBe('/1')
    expect(() => grants.pathOf(two ?? '')).toThrow('not given')
  })
})
