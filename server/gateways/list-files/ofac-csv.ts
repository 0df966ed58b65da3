import { csvRecords } from './csv-records.ts'
import { FEATURE, rowOf } from './digital-currency.ts'
import { type FileRow, type ReadListFile, UnreadableFile } from './file-row.ts'

/** Of `sdn.csv`: number, name, type, program, …, remarks. */
const SDN = { length: 12, program: 3, remarks: 11 }
/** Of `sdn_comments.csv`, where long remarks go on: number, remarks. */
const COMMENTS = { length: 2, remarks: 1 }

/** Reads OFAC's `sdn.csv` or `sdn_comments.csv`: addresses of digital currencies are among the remarks. */
export const readOfacCsv: ReadListFile = async function* (chunks) {
  for await (const { line, fields } of csvRecords(chunks)) {
    if (fields.length === 1 && fields[0] === END_OF_FILE) continue
    if (fields.length !== SDN.length && fields.length !== COMMENTS.length)
      throw new UnreadableFile(
        line,
        `${fields.length} fields: sdn.csv has ${SDN.length}, sdn_comments.csv ${COMMENTS.length}`,
      )
    const isSdn = fields.length === SDN.length
    const programs = isSdn ? programsIn(fields[SDN.program]!) : []
    const remarks = fields[isSdn ? SDN.remarks : COMMENTS.remarks]!
    for (const remark of remarks.split(';')) yield* addressIn(remark, { line, party: fields[0]!, programs })
  }
}

/** The files end with it. */
const END_OF_FILE = '\u001a'

const programsIn = (field: string): string[] =>
  field
    .split(/\]\s*\[/)
    .map((program) => program.replaceAll(/[[\]]/g, '').trim())
    .filter((program) => program !== '' && program !== '-0-')

function* addressIn(
  remark: string,
  of: { line: number; party: string; programs: readonly string[] },
): Generator<FileRow> {
  const start = remark.indexOf(FEATURE)
  if (start === -1) return
  const [symbol = '', address = ''] = remark
    .slice(start + FEATURE.length)
    .trim()
    .split(/\s+/)
  yield rowOf({ ...of, symbol, address: address.replace(/\.$/, '') })
}
