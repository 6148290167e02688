import { afterEach, describe, expect, it, vi } from 'vitest'
import { Refused } from '../../src/core/errors.ts'
import { ask, handlesOf, listen, pictureUrl } from '../../src/renderer/bridge.ts'

function studioThat(answer: unknown) {
  const listeners: ((event: unknown) => void)[] = []
  vi.stubGlobal('window', {
    studio: {
      ask: () => Promise.resolve(answer),
      on: (listener: (event: unknown) => void) => {
        listeners.push(listener)
        return () => listeners.splice(listeners.indexOf(listener), 1)
      },
      dropped: () => Promise.resolve(answer),
    },
  })
  return { tell: (event: unknown) => listeners.forEach((listener) => listener(event)) }
}

afterEach(() => vi.unstubAllGlobals())

describe('ask', () => {
  it('gives the reply of an answer', async () => {
    studioThat({ ok: true, reply: { markdown: '# Guide' } })
    await expect(ask('app:guide', {})).resolves.toEqual({ markdown: '# Guide' })
  })
  it('throws the refusal of an answer, with its remedy', async () => {
    const refusal = { code: 'dataset-empty', message: 'No pictures in A.', remedy: 'Add some.' }
    studioThat({ ok: false, refusal })
    await expect(ask('app:guide', {})).rejects.toMatchObject({ refusal })
  })
  it.each([
    ['a reply of another shape', { ok: true, reply: { text: 'guide' } }],
    ['a reply with more than was agreed', { ok: true, reply: { markdown: '', path: '/home' } }],
    ['no answer at all', undefined],
    ['a refusal without a remedy', { ok: false, refusal: { code: 'x', message: 'no' } }],
  ])('refuses %s', async (_, answer) => {
    studioThat(answer)
    await expect(ask('app:guide', {})).rejects.toMatchObject({ refusal: { code: 'message-malformed' } })
  })
})

describe('listen', () => {
  it('hands on events that can be understood, tells of those that cannot, and can be stopped', () => {
    const { tell } = studioThat(null)
    const seen: unknown[] = []
    const refused: Refused[] = []
    const stop = listen(
      (event) => seen.push(event),
      (refusal) => refused.push(refusal),
    )
    tell({ kind: 'close-asked', running: 1 })
    tell({ kind: 'train', job: 'job-1', event: { type: 'step', step: 'one' } })
    stop()
    tell({ kind: 'close-asked', running: 2 })
    expect(seen).toEqual([{ kind: 'close-asked', running: 1 }])
    expect(refused.map(({ refusal }) => refusal.code)).toEqual(['message-malformed'])
  })
})

describe('files', () => {
  it('refuses handles that are paths', async () => {
    studioThat([{ id: '/home/me/a.png', name: 'a.png' }])
    await expect(handlesOf([new File([], 'a.png')])).rejects.toBeInstanceOf(Refused)
  })
  it('shows pictures by id alone', () => {
    expect(pictureUrl({ id: 'abcdefgh', name: 'a b.png' }, 640, 'left')).toBe(
      'studio://picture/abcdefgh?side=640&region=left',
    )
  })
})
