import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, replyTo, startStudio, until, type StartedStudio } from './studio.ts'

type Refused = { ok: boolean; refusal?: { code: string } }
type Handle = { id: string; name: string }

let studio: StartedStudio
const refusalOf = async (name: string, request: unknown) =>
  ((await ask(studio.page, name, request)) as Refused).refusal?.code
/** What a script in the page gets: its value, or the name of the error it ended with. */
const run = (script: () => unknown) => studio.page.evaluate(script)

beforeAll(async () => {
  studio = await startStudio()
  await until('the page is drawn', () =>
    studio.page.evaluate(() => document.querySelector('#root')?.childElementCount !== 0),
  )
})
afterAll(() => studio.close())

describe('a page that has been taken over', () => {
  it('reaches nothing of Node or Electron', async () => {
    const reachable = await run(() =>
      ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in globalThis),
    )
    expect(reachable).toEqual([])
    expect(await run(() => Object.keys(window.studio).sort())).toEqual(['ask', 'dropped', 'on'])
  })

  it('asks for files that it was not given, in vain', async () => {
    const forged = { id: 'A'.repeat(20), name: 'passwd' }
    expect(await refusalOf('project:open', { folder: forged })).toBe('file-unknown')
    expect(await refusalOf('folder:show', { file: forged })).toBe('file-unknown')
    expect(
      await refusalOf('picture:preview', { file: forged, maxSidePx: 64, region: 'whole', derivation: null }),
    ).toBe('file-unknown')
    expect(await refusalOf('project:open', { folder: { path: '/etc' } })).toBe('request-malformed')
    expect(await refusalOf('project:open', { folder: { ...forged, path: '/etc' } })).toBe('request-malformed')
  })

  it('asks what nobody may ask, in vain', async () => {
    const unknown = await studio.page.evaluate(() =>
      window.studio.ask('shell:run', {}).catch((error) => String(error)),
    )
    expect(unknown).toContain('Unknown request')
    for (const name of ['__proto__', 'constructor', 'toString'])
      await expect(studio.page.evaluate((name) => window.studio.ask(name, {}), name)).rejects.toThrow(
        'Unknown request',
      )
    expect(await refusalOf('app:info', { more: true })).toBe('request-malformed')
    expect(await refusalOf('app:saveSettings', { theme: 'pink', panels: {} })).toBe('request-malformed')
  })

  it('gives files that nobody dropped, and gets nothing for them', async () => {
    const handles = await run(() => window.studio.dropped([new File(['x'], '/etc/passwd')]))
    expect(handles).toEqual([])
  })

  it('reaches no network, and no file', async () => {
    const outcomes = await run(() =>
      Promise.all(
        [
          'https://example.com/',
          'http://127.0.0.1:9/',
          'file:///etc/passwd',
          'studio://app/../../../package.json',
        ].map((url) =>
          fetch(url).then(
            (response) => response.status,
            () => 'failed',
          ),
        ),
      ),
    )
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 404])
    const socket = await run(
      () =>
        new Promise((resolve) => {
          try {
            const opened = new WebSocket('wss://example.com')
            opened.onopen = () => resolve('open')
            opened.onerror = () => resolve('failed')
          } catch {
            resolve('failed')
          }
        }),
    )
    expect(socket).toBe('failed')
  })

  it('is stopped by main even where its own policy would let it through', async () => {
    const outcome = await studio.app.evaluate(async ({ net }) => {
      const failure = await net.fetch('https://example.com/').then(
        () => 'reached',
        (error: Error) => error.message,
      )
      return failure
    })
    expect(outcome).toContain('ERR_BLOCKED_BY_CLIENT')
  })

  it('runs no code made of text', async () => {
    // Inside a task of its own: a debugger's evaluation is exempt from the policy.
    const outcome = await run(
      () =>
        new Promise((resolve) =>
          setTimeout(() => {
            try {
              // eslint-disable-next-line no-new-func -- the attack itself
              resolve(Function('return 1')())
            } catch (error) {
              resolve((error as Error).name)
            }
          }),
        ),
    )
    expect(outcome).toBe('EvalError')
    const injected = await run(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.injected = true'
      document.head.append(script)
      return 'injected' in globalThis
    })
    expect(injected).toBe(false)
  })

  it('opens no window, goes nowhere, gets no permission', async () => {
    expect(await run(() => window.open('https://example.com/'))).toBe(null)
    await run(() => {
      location.href = 'https://example.com/'
    })
    await run(() => {
      const frame = document.createElement('iframe')
      frame.src = 'https://example.com/'
      document.body.append(frame)
      setTimeout(() => frame.remove(), 200)
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(studio.page.url()).toBe('studio://app/index.html')
    expect(studio.app.windows()).toHaveLength(1)
    expect(await run(() => Notification.requestPermission())).toBe('denied')
    const camera = await run(() =>
      navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'given',
        (error: Error) => error.name,
      ),
    )
    expect(camera).not.toBe('given')
  })

  it('sees pictures by their handles only, at sides within bounds', async () => {
    const photos = (await replyTo(studio.page, 'photo:list', {})) as { file: Handle }[]
    const id = photos[0]?.file.id ?? ''
    const statuses = await studio.page.evaluate(
      (id) =>
        Promise.all(
          [
            `${id}?side=64`,
            `${id}?side=64&region=left`,
            `${id}?side=8`,
            `${id}?side=99999`,
            `${id}?side=64&path=/etc/passwd`,
            'AAAAAAAAAAAAAAAAAAAA?side=64',
            `${id}`,
          ].map(async (address) => {
            const response = await fetch(`studio://picture/${address}`)
            return `${response.status} ${response.headers.get('content-type') ?? ''}`
          }),
        ),
      id,
    )
    expect(statuses.slice(0, 2)).toEqual(['200 image/png', '200 image/png'])
    expect(statuses.slice(2).map((status) => status.slice(0, 3))).toEqual(['404', '404', '404', '404', '404'])
  })
})
