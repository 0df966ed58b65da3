import { csvLine } from '../audit/export-format.ts'
import { type ColumnOf, type ReportKind, type TableName, tablesOf } from './kinds.ts'
import { type TextFile, textFile } from './text-file.ts'

/** What stands in a cell. Amounts and counts are whole; a `bigint` is written in decimal. */
export type Cell = string | number | bigint | null

/** A row by the columns of its table. */
export type Row<Name extends TableName> = Record<ColumnOf<Name>, Cell>

/** The files of one kind: its tables as CSV, and all of them as JSON. */
export interface TableFiles {
  /** Begins the next table of the kind, and answers with what takes its rows. The one before is complete. */
  table<Name extends TableName>(name: Name): (row: Row<Name>) => void
  end(): TextFile[]
}

/** Begins the files of a kind. */
export function tableFiles(kind: ReportKind, { appId, from, to }: { appId: string; from: Date; to: Date }): TableFiles {
  const tables = Object.entries<readonly string[]>(tablesOf[kind])
  const json = textFile(`${kind}.json`)
  const files: TextFile[] = []
  let complete = (): void => {}
  let rows = 0
  const about = { kind, app: appId, from: from.toISOString(), to: to.toISOString() }
  json.write(`${JSON.stringify(about, null, 2).slice(0, -2)},\n  "tables": {`)
  return {
    table(name) {
      complete()
      const [next, columns] = tables[files.length]!
      if (next !== name) throw new Error(`${next} comes before ${name}`)
      const csv = textFile(`${name}.csv`)
      let count = 0
      csv.write(csvLine(columns))
      json.write(`${files.length > 0 ? ',' : ''}\n    ${JSON.stringify(name)}: [`)
      complete = () => {
        json.write(count > 0 ? '\n    ]' : ']')
        rows += count
        files.push(csv.end(count))
      }
      return (row) => {
        const cells = columns.map((column) => (row as Record<string, Cell>)[column]!)
        csv.write(csvLine(cells))
        json.write(`${count > 0 ? ',' : ''}\n      ${jsonRow(columns, cells)}`)
        count++
      }
    },
    end() {
      complete()
      if (files.length !== tables.length) throw new Error(`${kind} lacks ${tables[files.length]![0]}`)
      json.write('\n  }\n}\n')
      return [json.end(rows), ...files]
    },
  }
}

const jsonRow = (columns: readonly string[], cells: readonly Cell[]): string => {
  const written = columns.map((column, index) => {
    const cell = cells[index]!
    return [column, typeof cell === 'bigint' ? String(cell) : cell]
  })
  return JSON.stringify(Object.fromEntries(written))
}
