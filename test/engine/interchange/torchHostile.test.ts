import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { openTorchFile } from '../../../src/engine/interchange/torch/torchFile.ts'
import {
  int,
  named,
  PROTO,
  stream,
  tensor,
  text,
  tuple,
  uint32,
  writeArchive,
} from '../support/torchStreams.ts'

const room = mkdtempSync(join(tmpdir(), 'diptych-hostile-'))
const canary = join(room, 'canary')
afterAll(() => rmSync(room, { recursive: true, force: true }))

const touch = `touch ${canary}`

async function writeZip(name: string, files: Record<string, Buffer>, compress = false): Promise<string> {
  return writeArchive(join(room, `${name.replace(/\W+/g, '-')}.pth`), Object.entries(files), compress)
}

async function refusalOf(path: string): Promise<{ code: string; message: string }> {
  const outcome = await openTorchFile(path).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(Refused)
  return (outcome as Refused).refusal
}

/** What would run, import or make something, in every way that a pickle has for it. */
const forbidden: Record<string, Buffer> = {
  'os.system by REDUCE': stream(PROTO, 'cos\nsystem\n', '(', text(touch), 't', 'R.'),
  'posix.system by STACK_GLOBAL': stream(PROTO, text('posix'), text('system'), 0x93, text(touch), 0x85, 'R.'),
  'builtins.eval': stream(PROTO, 'cbuiltins\neval\n', text('1'), 0x85, 'R.'),
  'python 2: exec': stream(PROTO, 'c__builtin__\nexec\n', text('1'), 0x85, 'R.'),
  'subprocess.Popen by NEWOBJ': stream(PROTO, 'csubprocess\nPopen\n', text(touch), 0x85, 0x81, '.'),
  'getattr, to walk to something else': stream(
    PROTO,
    'cbuiltins\ngetattr\n',
    text('x'),
    text('y'),
    0x86,
    'R.',
  ),
  'a dotted name behind an allowed one': stream(PROTO, 'ccollections\nOrderedDict.__init__\n)R.'),
  'a module behind an allowed one': stream(PROTO, 'ctorch._utils\nos.system\n', text(touch), 0x85, 'R.'),
  'torch.load of another file': stream(
    PROTO,
    'ctorch.serialization\nload\n',
    text('/etc/passwd'),
    0x85,
    'R.',
  ),
  'a storage of another module': stream(PROTO, 'cevil\nFloatStorage\n.'),
  'names that come from the memo': stream(
    PROTO,
    text('posix'),
    'q',
    0,
    text('system'),
    'q',
    1,
    '0',
    '0',
    'h',
    0,
    'h',
    1,
    0x93,
    text(touch),
    0x85,
    'R.',
  ),
  'runpy, by way of a partial function': stream(
    PROTO,
    'cfunctools\npartial\n',
    'crunpy\n_run_code\n',
    0x85,
    'R.',
  ),
  'pickle in a pickle': stream(PROTO, 'c_pickle\nloads\n', 'B', uint32(2), 'N.', 0x85, 'R.'),
  'importing a module': stream(PROTO, 'cimportlib\nimport_module\n', text('antigravity'), 0x85, 'R.'),
  'a class of its own by copyreg': stream(PROTO, 'ccopyreg\n_reconstructor\n)R.'),
  'code of the hub': stream(PROTO, 'ctorch.hub\nload\n', text('evil/repo'), 0x85, 'R.'),
  'a module by another spelling': stream(PROTO, 'cｏｓ\nsystem\n.'),
  'an operator that walks': stream(PROTO, 'coperator\nattrgetter\n', text('__globals__'), 0x85, 'R.'),
  numpy: stream(PROTO, 'cnumpy.core.multiarray\n_reconstruct\n)R.'),
  'a whole network instead of weights': stream(PROTO, 'cmodels.networks\nResnetGenerator\n)', 0x81, '}b.'),
}

/** What is wrong in itself, too large, or never ends. */
const damaged: Record<string, Buffer> = {
  INST: stream(PROTO, '(', text(touch), 'ios\nsystem\n.'),
  OBJ: stream(PROTO, '(', text('x'), 'o.'),
  NEWOBJ_EX: stream(PROTO, text('x'), ')', '}', 0x92, '.'),
  'EXT1, a name by number': stream(PROTO, 0x82, 1, '.'),
  'PERSID by text': stream(PROTO, 'P0\n.'),
  'a persistent id that is no storage': stream(PROTO, text('x'), 'Q.'),
  'a storage with a view': stream(
    PROTO,
    '(',
    text('storage'),
    'ctorch\nFloatStorage\n',
    text('0'),
    text('cpu'),
    int(4),
    int(1),
    't',
    'Q.',
  ),
  'state put into a tensor': named(stream(tensor(4, 0, tuple(4), tuple(1)), '}b')),
  'a name that is no text': stream(PROTO, int(1), int(2), 0x93, '.'),
  'a name that never ends': stream(PROTO, 'ctorch'),
  'a set': stream(PROTO, 0x8f, '(', int(1), 0x90, '.'),
  'a frozen set': stream(PROTO, '(', int(1), 0x91, '.'),
  'a bytearray of 2^60 bytes': stream(PROTO, 0x96, Buffer.from([0, 0, 0, 0, 0, 0, 0, 16]), 'x.'),
  'a number as text': stream(PROTO, 'L123L\n.'),
  'a storage of another number of numbers than a number': named(
    stream(
      'ctorch._utils\n_rebuild_tensor_v2\n((',
      text('storage'),
      'ctorch\nFloatStorage\n',
      text('0'),
      text('cpu'),
      text('4'),
      'tQ',
      int(0),
      tuple(4),
      tuple(1),
      'tR',
    ),
  ),
  'a storage of fewer than none': stream(
    PROTO,
    '(',
    text('storage'),
    'ctorch\nFloatStorage\n',
    text('0'),
    text('cpu'),
    int(-4),
    'tQ.',
  ),
  'a storage by a key that is no text': stream(
    PROTO,
    '(',
    text('storage'),
    'ctorch\nFloatStorage\n',
    int(0),
    text('cpu'),
    int(4),
    'tQ.',
  ),
  'a storage of a type that is no type': stream(
    PROTO,
    '(',
    text('storage'),
    'ccollections\nOrderedDict\n',
    text('0'),
    text('cpu'),
    int(4),
    'tQ.',
  ),
  'a persistent id that is short': stream(PROTO, '(', text('storage'), 'tQ.'),
  'a tensor that begins before its numbers': named(tensor(4, -1, tuple(4), tuple(1))),
  'a tensor of half a side': named(
    tensor(4, 0, stream('(G', Buffer.from([0x3f, 0xe0, 0, 0, 0, 0, 0, 0]), 't'), tuple(1)),
  ),
  'a tensor of fewer strides than sides': named(tensor(4, 0, tuple(2, 2), tuple(1))),
  'a tensor without a storage': named(
    stream('ctorch._utils\n_rebuild_tensor_v2\n(N', int(0), tuple(4), tuple(1), 'tR'),
  ),
  'the same numbers under two names': stream(
    PROTO,
    '}(',
    text('model.1.weight'),
    tensor(200, 0, tuple(200), tuple(1)),
    text('model.4.weight'),
    tensor(200, 0, tuple(200), tuple(1)),
    ...Array.from({ length: 9 }, (_, k) => [text(`more.${k}`), tensor(200, 0, tuple(200), tuple(1))]).flat(),
    'u.',
  ),
  'calling a storage': stream(PROTO, 'ctorch\nFloatStorage\n)R.'),
  'calling a dictionary': stream(PROTO, '}', ')', 'R.'),
  'a memo that was never written': stream(PROTO, 'h', 9, '.'),
  'taking from an empty stack': stream(PROTO, '0.'),
  'a mark that was never set': stream(PROTO, 't.'),
  'taking below a mark': stream(PROTO, text('x'), '(', '0', '.'),
  'entries for what is no dictionary': stream(PROTO, ']', text('a'), text('b'), 's.'),
  'a stream that never stops': stream(PROTO, ')', ')', ')'),
  'a protocol of the future': stream(0x80, 200, 'N.'),
  'text of 2^60 bytes': stream(PROTO, 0x8d, Buffer.from([0, 0, 0, 0, 0, 0, 0, 16]), 'x.'),
  'a number of two billion bytes': stream(PROTO, 0x8b, uint32(0x7fff_ffff), 'x.'),
  'a buffer out of band': stream(PROTO, 0x97, '.'),
  'a tensor that reaches beyond its numbers': named(tensor(4, 2, tuple(4), tuple(1))),
  'a tensor that is one number a billion times': named(tensor(4, 0, tuple(1_000_000_000), tuple(0))),
  'a tensor with a negative stride': named(tensor(4, 3, tuple(4), tuple(-1))),
  'a tensor of shape that overflows': named(
    tensor(4, 0, tuple(0x7fff_ffff, 0x7fff_ffff, 0x7fff_ffff), tuple(0, 0, 0)),
  ),
  'a tensor of rank 40': named(
    tensor(4, 0, tuple(...Array<number>(40).fill(1)), tuple(...Array<number>(40).fill(1))),
  ),
  'numbers that are not in the file': named(tensor(1000, 0, tuple(1000), tuple(1))),
}

describe('a hostile stream runs nothing, and is refused with what it is', () => {
  it.each(Object.entries(forbidden))('%s', async (name, bytes) => {
    const path = await writeZip(name, { 'a/data.pkl': bytes, 'a/data/0': Buffer.alloc(16) })
    const { code, message } = await refusalOf(path)
    expect(code).toBe('torch-file-forbidden')
    expect(message).toContain('Nothing of it was run')
    expect(existsSync(canary)).toBe(false)
  })

  it.each(Object.entries(damaged))('%s', async (name, bytes) => {
    const path = await writeZip(name, { 'a/data.pkl': bytes, 'a/data/0': Buffer.alloc(800) })
    expect((await refusalOf(path)).code).toBe('torch-file-damaged')
    expect(existsSync(canary)).toBe(false)
  })
})

describe('what would take time or memory for ever ends at once', () => {
  it('tuples of tuples of tuples, a billion of them by reference', async () => {
    const level = stream('2', '2', 0x87) // the same value three times, as one tuple
    const bytes = stream(PROTO, text('ha'), ...Array<Buffer>(60).fill(level), '.')
    expect((await refusalOf(await writeZip('laughs', { 'a/data.pkl': bytes }))).code).toBe('torch-file-empty')
  })

  it('a dictionary that holds itself', async () => {
    const bytes = stream(PROTO, '}', 'q', 0, text('state_dict'), 'h', 0, 's.')
    expect((await refusalOf(await writeZip('cycle', { 'a/data.pkl': bytes }))).code).toBe('torch-file-empty')
  })

  it('a list that holds itself, a thousand times', async () => {
    const bytes = stream(PROTO, ']', 'q', 0, ...Array<string>(1000).fill('2a'), '.')
    expect((await refusalOf(await writeZip('itself', { 'a/data.pkl': bytes }))).code).toBe('torch-file-empty')
  })

  it('ten million dictionaries, for a byte each', async () => {
    const bytes = stream(PROTO, Buffer.alloc(10_000_000, '}'), '.')
    const startedAt = performance.now()
    expect((await refusalOf(await writeZip('many', { 'a/data.pkl': bytes }))).code).toBe('torch-file-damaged')
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it('one long list made a dictionary again and again', async () => {
    const pair = stream(text('a'), 'N', 0x86)
    const list = stream(']', '(', ...Array<Buffer>(20_000).fill(pair), 'e', 'q', 0, '0')
    const again = stream('ccollections\nOrderedDict\n', 'h', 0, 0x85, 'R', '0')
    const bytes = stream(PROTO, list, ...Array<Buffer>(20_000).fill(again), 'N.')
    const startedAt = performance.now()
    expect((await refusalOf(await writeZip('again', { 'a/data.pkl': bytes }))).code).toBe(
      'torch-file-damaged',
    )
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })
})
