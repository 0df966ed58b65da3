/** A row of a file, as its text says it; nothing of it was checked. */
export interface FileEntry {
  line: number
  subject: string
  reason: string | null
  source: string | null
  validFrom: string | null
  validUntil: string | null
}

/** A row that is no entry for us: an address of another kind, such as `XBT`. */
export interface OtherAddress {
  line: number
  other: string
}

/** A row of which nobody can tell what is what. */
export interface BadFileRow {
  line: number
  problem: string
}

export type FileRow = FileEntry | OtherAddress | BadFileRow

/** Reads a list from the chunks of a file, however long. @throws UnreadableFile */
export type ReadListFile = (chunks: AsyncIterable<Buffer>) => AsyncIterable<FileRow>

/** The file is not what it should be from a line on, so that nothing after it can be told. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile'
  readonly line: number

  constructor(line: number, problem: string, cause?: unknown) {
    super(`line ${line}: ${problem}`, { cause })
    this.line = line
  }
}
