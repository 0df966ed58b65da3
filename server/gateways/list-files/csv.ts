import { csvRecords } from './csv-records.ts'
import { type FileEntry, type FileRow, type ReadListFile, UnreadableFile } from './file-row.ts'

/** The columns of our own CSV files, by the names in their first line, in any order. All but `subject` may be absent. */
const columns = {
  subject: 'subject',
  reason: 'reason',
  source: 'source',
  valid_from: 'validFrom',
  valid_until: 'validUntil',
} as const satisfies Record<string, keyof FileEntry>

type Column = keyof typeof columns

/** Reads a CSV file of ours: a line of column names, then a row for each entry. */
export const readCsv: ReadListFile = async function* (chunks) {
  let names: Column[] | null = null
  for await (const { line, fields } of csvRecords(chunks)) {
    if (names) yield entryOf(line, names, fields)
    else names = header(line, fields)
  }
  if (!names) throw new UnreadableFile(1, 'the file is empty')
}

function header(line: number, fields: string[]): Column[] {
  const names = fields.map((field) => field.toLowerCase())
  const unknown = names.find((name) => !Object.hasOwn(columns, name))
  if (unknown !== undefined)
    throw new UnreadableFile(line, `there is no column "${unknown}", only ${Object.keys(columns).join(', ')}`)
  if (!names.includes('subject')) throw new UnreadableFile(line, 'the column "subject" is missing in the first line')
  if (new Set(names).size < names.length) throw new UnreadableFile(line, 'a column is named twice in the first line')
  return names as Column[]
}

function entryOf(line: number, names: readonly Column[], fields: readonly string[]): FileRow {
  if (fields.length !== names.length)
    return { line, problem: `${fields.length} fields, where there are ${names.length} columns` }
  const entry: FileEntry = { line, subject: '', reason: null, source: null, validFrom: null, validUntil: null }
  for (const [n, name] of names.entries()) if (fields[n]) entry[columns[name]] = fields[n]
  return entry
}
