import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl'
import { refuseProgram } from './foreign.ts'
import { damagedTorch, readPickle } from './pickle.ts'
import { MAX_PICKLE_BYTES, readAt, type Content, type Place, type Source } from './source.ts'

const MAX_ENTRIES = 100_000
/** Beside the weights of a program of TorchScript lie its instructions. */
const PROGRAM = /^[^/]+\/(code\/|constants\.pkl$|bytecode\.pkl$)/

/**
 * Reads PyTorch's zip format: NAME/data.pkl, NAME/data/KEY, all of them stored as they are.
 * @throws Refused `torch-file-damaged`, `torch-file-forbidden`, `torch-file-program`
 */
export async function readArchive(source: Source): Promise<Content> {
  const { bytes, file } = source
  try {
    const zip = await fromRandomAccessReaderPromise(new BoundedReader(source), bytes, {
      lazyEntries: true,
      autoClose: false,
    })
    return await readEntries(zip, await entriesOf(zip), source)
  } catch (error) {
    // What the zip reader finds wrong may hold names of the file's own making.
    if (error instanceof Error && error.constructor === Error)
      throw damagedTorch(file, error.message.replace(/[^ -~]/g, '?').slice(0, 160))
    throw error
  }
}

/** What the zip reader reads by. Left to itself it asks Node for places that no file has, which throws where nobody catches it. */
class BoundedReader extends RandomAccessReader {
  readonly #source: Source

  constructor(source: Source) {
    super()
    this.#source = source
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    setImmediate(() => {
      try {
        readAt(this.#source, position, length).copy(buffer, offset)
      } catch (error) {
        return callback(error as Error)
      }
      callback(null)
    })
  }
}

type Entries = ReadonlyMap<string, Entry>

async function readEntries(zip: ZipFile, entries: Entries, source: Source): Promise<Content> {
  const { file } = source
  const names = [...entries.keys()]
  if (names.some((name) => PROGRAM.test(name))) throw refuseProgram(file)
  const [pickled, second] = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (pickled === undefined) throw damagedTorch(file, 'it is an archive of something else')
  if (second !== undefined) throw damagedTorch(file, 'it holds two lists of names')
  const root = pickled.slice(0, -'data.pkl'.length)
  const place = (name: string) => placeOf(zip, entries.get(name), file)
  const places = new Map<string, Place>()
  for (const name of names)
    if (name.startsWith(`${root}data/`)) places.set(name.slice(`${root}data/`.length), await place(name))
  const stream = await place(pickled)
  if (entries.has(`${root}byteorder`)) checkByteOrder(source, await place(`${root}byteorder`))
  return { value: readPickle(readStream(source, stream), 0, file).value, places }
}

/** Names are those of the directory at the end; the reader refuses what is no plain path inside of the archive. */
function entriesOf(zip: ZipFile): Promise<Entries> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>()
    zip.on('entry', (entry: Entry) => {
      if (entries.has(entry.fileName)) return reject(new Error(`it holds ${entry.fileName} twice`))
      entries.set(entry.fileName, entry)
      if (entries.size > MAX_ENTRIES) reject(new Error('it holds too many files'))
      else zip.readEntry()
    })
    zip.on('end', () => resolve(entries))
    zip.on('error', reject)
    zip.readEntry()
  })
}

async function placeOf(zip: ZipFile, entry: Entry | undefined, file: string): Promise<Place> {
  if (!entry || entry.compressionMethod !== 0 || entry.isEncrypted())
    throw damagedTorch(file, 'what it holds is compressed, which PyTorch never does')
  const { fileDataStart: begin } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  return { begin, end: begin + entry.uncompressedSize }
}

function checkByteOrder(source: Source, { begin, end }: Place): void {
  const order = readAt(source, begin, Math.min(end - begin, 16)).toString('latin1')
  if (order !== 'little') throw damagedTorch(source.file, 'its numbers are big-endian')
}

function readStream(source: Source, { begin, end }: Place): Buffer {
  if (end - begin > MAX_PICKLE_BYTES) throw damagedTorch(source.file, 'its list of names is too long')
  return readAt(source, begin, end - begin)
}
