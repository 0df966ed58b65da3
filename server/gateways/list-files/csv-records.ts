import { Readable } from 'node:stream'
import { CsvError, type Info, type Options, parse } from 'csv-parse'
import { UnreadableFile } from './file-row.ts'

/** A record of a CSV file: its fields, trimmed, and the line on which it ends. */
export interface CsvRecord {
  line: number
  fields: string[]
}

const options: Options = {
  bom: true,
  info: true,
  // a record of another length is a bad row, not the end
  relax_column_count: true,
  skip_empty_lines: true,
  trim: true,
  // a quote that is never closed must not take the rest of a long file into memory
  max_record_size: 64 * 1024,
}

/** Reads the records of a CSV file as they come. @throws UnreadableFile */
export async function* csvRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<CsvRecord> {
  const parser = parse(options)
  const input = Readable.from(chunks)
  input.on('error', (error) => parser.destroy(error))
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>)
      yield { line: info.lines, fields: record }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new UnreadableFile(parser.info.lines, error.message, error)
  }
}
