import { readCsv } from './csv.ts'
import type { ReadListFile } from './file-row.ts'
import { readOfacCsv } from './ofac-csv.ts'
import { readOfacXml } from './ofac-xml.ts'

/** The layouts of files that a list can be read from. */
export const listFormats = {
  csv: readCsv,
  'ofac-xml': readOfacXml,
  'ofac-csv': readOfacCsv,
} as const satisfies Record<string, ReadListFile>

export type ListFormat = keyof typeof listFormats
