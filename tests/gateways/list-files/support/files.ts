import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import type { FileRow, ReadListFile } from '../../../../server/gateways/list-files/file-row.ts'

/** All rows of a file, as its chunks come. */
export async function rowsOf(read: ReadListFile, ...chunks: (string | Buffer)[]): Promise<FileRow[]> {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const rows: FileRow[] = []
  for await (const row of read(stream())) rows.push(row)
  return rows
}

/** A file of the sandbox. */
export const sample = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../../sandbox/lists/${name}`, import.meta.url))

/** A text in pieces that are cut anywhere, within characters too. */
export const inPieces = (text: fc.Arbitrary<string>): fc.Arbitrary<Buffer[]> =>
  fc.tuple(text, fc.array(fc.nat(), { maxLength: 8 })).map(([whole, cuts]) => {
    const bytes = Buffer.from(whole)
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
    return ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end))
  })

const hex = fc.constantFrom(...'0123456789abcdef')
export const address = fc.array(hex, { minLength: 40, maxLength: 40 }).map((digits) => `0x${digits.join('')}`)

/** Text without control characters or blanks around it, as fields hold it. */
export const phrase = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim())
  .filter((text) => text !== '')

/** An address that OFAC publishes: of an EVM chain or of another. */
export const published = fc.oneof(
  fc.record({ symbol: fc.constantFrom('ETH', 'USDC', 'USDT', 'ARB', 'BSC'), address }),
  fc.record({
    symbol: fc.constantFrom('XBT', 'XMR', 'TRX', 'LTC', 'USDT'),
    address: fc.stringMatching(/^[13T][1-9A-HJ-NP-Za-km-z]{25,33}$/),
  }),
)
export type Published = { symbol: string; address: string }

export const party = fc.record({
  uid: fc.integer({ min: 1, max: 999_999 }).map(String),
  name: phrase,
  programs: fc.array(fc.stringMatching(/^[A-Z]{2,6}[0-9]?$/), { minLength: 1, maxLength: 3 }),
  addresses: fc.array(published, { maxLength: 4 }),
})
export type Party = typeof party extends fc.Arbitrary<infer T> ? T : never

/** What is to be read of the addresses of a party, without lines. */
export const expected = ({ uid, programs, addresses }: Party): unknown[] =>
  addresses.map(({ symbol, address: text }) =>
    text.startsWith('0x')
      ? {
          subject: text,
          reason: `OFAC SDN ${uid}${programs.length > 0 ? ` (${programs.join(', ')})` : ''}, ${symbol}`,
          source: 'OFAC SDN',
          validFrom: null,
          validUntil: null,
        }
      : { other: symbol },
  )

export const withoutLines = (rows: readonly FileRow[]): unknown[] => rows.map(({ line: _, ...row }) => row)
