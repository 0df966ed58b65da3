import { SaxesParser } from 'saxes'
import { FEATURE, rowOf } from './digital-currency.ts'
import { type FileRow, type ReadListFile, UnreadableFile } from './file-row.ts'

/** Is told of the elements of a document as they begin and end, with the names of those around them, outermost first. */
interface Reader {
  open(path: readonly string[], attributes: Readonly<Record<string, string>>, line: number): void
  close(path: readonly string[], text: string): void
}

/** The two layouts, by the name of the outermost element. */
const readers: Record<string, (found: (row: FileRow) => void) => Reader> = { sdnList, Sanctions: advanced }

/** Reads OFAC's `sdn.xml` or `sdn_advanced.xml`. A file that was cut off is refused, as its last tag is missing. */
export const readOfacXml: ReadListFile = async function* (chunks) {
  const parser = new SaxesParser()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rows: FileRow[] = []
  const path: string[] = []
  let reader: Reader | null = null
  let text = ''

  parser.on('opentag', ({ name, attributes }) => {
    const local = name.slice(name.indexOf(':') + 1)
    if (!reader) {
      const layout = Object.hasOwn(readers, local) ? readers[local] : null
      if (!layout) throw new UnreadableFile(parser.line, `<${local}> is neither OFAC's sdnList nor its Sanctions`)
      reader = layout((row) => rows.push(row))
    }
    path.push(local)
    text = ''
    reader.open(path, attributes as Record<string, string>, parser.line)
  })
  parser.on('text', (more) => {
    text += more
  })
  parser.on('closetag', () => {
    reader!.close(path, text.trim())
    path.pop()
    text = ''
  })

  const reading = (work: () => void) => {
    try {
      work()
    } catch (error) {
      if (error instanceof UnreadableFile) throw error
      throw new UnreadableFile(parser.line, (error as Error).message, error)
    }
  }
  for await (const chunk of chunks) {
    reading(() => parser.write(decoder.decode(chunk, { stream: true })))
    yield* rows
    rows = []
  }
  reading(() => parser.write(decoder.decode()).close())
  yield* rows
}

const within = (path: readonly string[], ...end: string[]): boolean =>
  end.every((name, n) => path[path.length - end.length + n] === name)

/** `sdn.xml`: the addresses are among the ids of an entry. */
function sdnList(found: (row: FileRow) => void): Reader {
  let party = ''
  let programs: string[] = []
  let id = { line: 0, type: '', number: '' }
  return {
    open(path, _attributes, line) {
      if (within(path, 'sdnList', 'sdnEntry')) [party, programs] = ['', []]
      if (within(path, 'idList', 'id')) id = { line, type: '', number: '' }
    },
    close(path, text) {
      if (within(path, 'sdnEntry', 'uid')) party = text
      else if (within(path, 'sdnEntry', 'programList', 'program')) programs.push(text)
      else if (within(path, 'idList', 'id', 'idType')) id.type = text
      else if (within(path, 'idList', 'id', 'idNumber')) id.number = text
      else if (within(path, 'sdnEntry', 'idList', 'id') && id.type.startsWith(FEATURE))
        found(rowOf({ line: id.line, symbol: id.type.slice(FEATURE.length), address: id.number, party, programs }))
    },
  }
}

/** `sdn_advanced.xml`: the addresses are features of a profile; the kinds of features are declared first, each with a number. */
function advanced(found: (row: FileRow) => void): Reader {
  const symbols = new Map<string, string>()
  let declared = ''
  let party = ''
  let feature = { line: 0, symbol: undefined as string | undefined }
  return {
    open(path, attributes, line) {
      if (within(path, 'FeatureTypeValues', 'FeatureType')) declared = attributes.ID ?? ''
      if (within(path, 'DistinctParties', 'DistinctParty')) party = attributes.FixedRef ?? ''
      if (within(path, 'Profile', 'Feature')) feature = { line, symbol: symbols.get(attributes.FeatureTypeID ?? '') }
    },
    close(path, text) {
      if (within(path, 'FeatureTypeValues', 'FeatureType') && text.startsWith(FEATURE))
        symbols.set(declared, text.slice(FEATURE.length))
      else if (within(path, 'FeatureVersion', 'VersionDetail') && feature.symbol !== undefined)
        found(rowOf({ line: feature.line, symbol: feature.symbol, address: text, party, programs: [] }))
    },
  }
}
