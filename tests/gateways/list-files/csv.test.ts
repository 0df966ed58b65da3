import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from '../../../server/gateways/list-files/csv.ts'
import { address, inPieces, phrase, rowsOf, sample, withoutLines } from './support/files.ts'

test('the sample of the sandbox is read, each row with its line', async () => {
  const rows = await rowsOf(readCsv, await sample('deny.csv'))
  expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5])
  expect(rows[1]).toEqual({
    line: 3,
    subject: '0x52908400098527886E0F7030069857D2E4169EE7',
    reason: 'drained wallets, see the report of March',
    source: 'support',
    validFrom: '2026-03-01',
    validUntil: null,
  })
})

const names = ['subject', 'reason', 'source', 'valid_from', 'valid_until'] as const
const row = fc.record({
  subject: address,
  reason: fc.option(phrase),
  source: fc.option(phrase),
  valid_from: fc.option(fc.constant('2026-01-31')),
  valid_until: fc.option(fc.constant('2027-01-31T00:00:00Z')),
})

/** A file, written as somebody may write it, and what is in it. */
const file = fc
  .record({
    rows: fc.array(row, { minLength: 1, maxLength: 8 }),
    columns: fc.shuffledSubarray([...names], { minLength: 5 }),
    end: fc.constantFrom('\n', '\r\n'),
    capitals: fc.boolean(),
    mark: fc.boolean(),
    quoted: fc.boolean(),
    blankLines: fc.boolean(),
  })
  .map(({ rows, columns, end, capitals, mark, quoted, blankLines }) => {
    const field = (text: string | null) => {
      if (text === null) return ''
      return quoted || /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : ` ${text} `
    }
    const lines = [
      columns.map((name) => (capitals ? name.toUpperCase() : name)).join(','),
      ...rows.map((one) => columns.map((name) => field(one[name])).join(',')),
    ]
    return { text: `${mark ? '\ufeff' : ''}${lines.join(blankLines ? end + end : end)}${end}`, rows }
  })

test('whatever the order of columns, quotes, line ends and pieces, the same rows are read', async () => {
  await fc.assert(
    fc.asyncProperty(
      file.chain(({ text, rows }) => fc.tuple(inPieces(fc.constant(text)), fc.constant(rows))),
      async ([pieces, rows]) => {
        expect(withoutLines(await rowsOf(readCsv, ...pieces))).toEqual(
          rows.map(({ subject, reason, source, valid_from: validFrom, valid_until: validUntil }) => ({
            ...{ subject, reason, source, validFrom, validUntil },
          })),
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('a row of another length is told with its line, and the rows after it are read', async () => {
  const rows = await rowsOf(readCsv, 'subject,reason\n0x1,a\n0x2\n0x3,b,c\n\n0x4,d\n')
  expect(rows).toMatchObject([
    { line: 2, subject: '0x1' },
    { line: 3, problem: '1 fields, where there are 2 columns' },
    { line: 4, problem: '3 fields, where there are 2 columns' },
    { line: 6, subject: '0x4' },
  ])
})

test.each([
  ['nothing', '', 'line 1: the file is empty'],
  ['no subject', 'reason,source\nx,y\n', 'line 1: the column "subject" is missing'],
  ['an unknown column', 'subject,note\nx,y\n', 'line 1: there is no column "note", only subject, reason'],
  ['a column twice', 'subject,reason,reason\nx,y,z\n', 'line 1: a column is named twice'],
  ['a prototype for a column', 'subject,constructor\nx,y\n', 'line 1: there is no column "constructor"'],
  ['an open quote', 'subject\n0x1\n"0x2\n', /^line \d: Quote Not Closed/],
  ['a stray quote', 'subject\n0x1\n0x2"x"\n', /^line 3: Invalid Opening Quote/],
  ['an endless field', `subject\n"${'x'.repeat(200_000)}`, /^line \d: Max Record Size/],
])('a file with %s is refused', async (_, text, complaint) => {
  await expect(rowsOf(readCsv, text)).rejects.toThrow(complaint)
})

test('an error of the file itself is thrown as it is', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('subject\n')
    throw new Error('the disk is gone')
  }
  await expect(async () => {
    for await (const _ of readCsv(broken()));
  }).rejects.toThrow('the disk is gone')
})
