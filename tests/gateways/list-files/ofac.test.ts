import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOfacCsv } from '../../../server/gateways/list-files/ofac-csv.ts'
import { readOfacXml } from '../../../server/gateways/list-files/ofac-xml.ts'
import {
  expected,
  inPieces,
  type Party,
  type Published,
  party,
  phrase,
  rowsOf,
  sample,
  withoutLines,
} from './support/files.ts'

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const classic = (parties: readonly Party[]) => `<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://example.com/xml">${parties
  .map(
    ({ uid, name, programs, addresses }) => `
  <sdnEntry><uid>${uid}</uid><lastName>${escaped(name)}</lastName>
    <programList>${programs.map((program) => `<program>${program}</program>`).join('')}</programList>
    <idList>${addresses
      .map(
        ({ symbol, address }) => `
      <id><uid>1</uid><idType>Digital Currency Address - ${symbol}</idType><idNumber>${address}</idNumber></id>
      <id><uid>2</uid><idType>Passport</idType><idNumber>0x${'1'.repeat(40)}</idNumber></id>`,
      )
      .join('')}
    </idList>
    <akaList><aka><uid>77</uid><lastName>${escaped(name)}</lastName></aka></akaList>
  </sdnEntry>`,
  )
  .join('')}
</sdnList>`

const numberOf: Record<string, number> = {
  ETH: 345,
  USDC: 998,
  USDT: 887,
  ARB: 1167,
  BSC: 1007,
  XBT: 344,
  XMR: 444,
  TRX: 992,
  LTC: 566,
}
const advanced = (parties: readonly Party[]) => `<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="https://example.com/xml"><ReferenceValueSets><FeatureTypeValues>
  <FeatureType ID="8" FeatureTypeGroupID="1">Birthdate</FeatureType>
  ${Object.entries(numberOf)
    .map(
      ([symbol, number]) =>
        `<FeatureType ID="${number}" FeatureTypeGroupID="1">Digital Currency Address - ${symbol}</FeatureType>`,
    )
    .join('\n  ')}
</FeatureTypeValues></ReferenceValueSets><DistinctParties>${parties
  .map(
    ({ uid, name, addresses }) => `
  <DistinctParty FixedRef="${uid}"><Comment>${escaped(name)}</Comment><Profile ID="${uid}">${addresses
    .map(
      ({ symbol, address }) => `
    <Feature ID="1" FeatureTypeID="8"><FeatureVersion><VersionDetail>0x${'1'.repeat(40)}</VersionDetail></FeatureVersion></Feature>
    <Feature ID="2" FeatureTypeID="${numberOf[symbol]}"><FeatureVersion><Comment/><VersionDetail DetailTypeID="1432">${address}</VersionDetail></FeatureVersion></Feature>`,
    )
    .join('')}
  </Profile></DistinctParty>`,
  )
  .join('')}
</DistinctParties></Sanctions>`

const remarksOf = (addresses: readonly Published[], name: string) =>
  addresses.length === 0
    ? '-0- '
    : `"DOB ${name.replaceAll(/[";]/g, '')}; ${addresses
        .map(({ symbol, address }, n) => `${n > 0 ? 'alt. ' : ''}Digital Currency Address - ${symbol} ${address}`)
        .join('; ')}."`
const csv = (parties: readonly Party[]) =>
  `${parties
    .map(
      ({ uid, name, programs, addresses }) =>
        `${uid},"${name.replaceAll('"', '')}",-0- ,"${programs.join('] [')}"${',-0- '.repeat(7)},${remarksOf(addresses, name)}\r\n`,
    )
    .join('')}\u001a`
const comments = (parties: readonly Party[]) =>
  parties.map(({ uid, name, addresses }) => `${uid},${remarksOf(addresses, name)}\r\n`).join('')

const withoutPrograms = (one: Party): Party => ({ ...one, programs: [] })

const layouts = {
  'sdn.xml': { read: readOfacXml, write: classic, shown: (one: Party) => one },
  'sdn_advanced.xml': { read: readOfacXml, write: advanced, shown: withoutPrograms },
  'sdn.csv': { read: readOfacCsv, write: csv, shown: (one: Party) => one },
  'sdn_comments.csv': { read: readOfacCsv, write: comments, shown: withoutPrograms },
}
const names = Object.keys(layouts) as (keyof typeof layouts)[]

describe.each(names)('%s', (name) => {
  const { read, write, shown } = layouts[name]

  test('every address of an EVM chain is taken, and every other is counted, however the file is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(party, { maxLength: 6 })
          .chain((parties) => fc.tuple(inPieces(fc.constant(write(parties))), fc.constant(parties))),
        async ([pieces, parties]) => {
          expect(withoutLines(await rowsOf(read, ...pieces))).toEqual(parties.flatMap((one) => expected(shown(one))))
        },
      ),
      { numRuns: 200 },
    )
  })
})

test.each([
  ['sdn.xml', [17, 22, 27, 48, 53], readOfacXml],
  ['sdn_advanced.xml', [21, 28, 42], readOfacXml],
  ['sdn.csv', [1, 1, 2], readOfacCsv],
] as const)('the sample %s is read, each address with its line', async (name, lines, read) => {
  const rows = await rowsOf(read, await sample(name))
  expect(rows.map(({ line }) => line)).toEqual(lines)
  const subjects = rows.flatMap((row) => ('subject' in row ? row.subject : []))
  expect(new Set(subjects)).toEqual(
    new Set(['0x2000000000000000000000000000000000000001', '0xabcdefabcdefabcdefabcdefabcdefabcdef0002']),
  )
})

test('an XML file that was cut off is refused, wherever', async () => {
  const whole = (await sample('sdn.xml')).subarray(0, -1) // without its last line feed
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
      await expect(rowsOf(readOfacXml, whole.subarray(0, length))).rejects.toThrow(/^line \d+: /)
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['another document', '<html></html>', "<html> is neither OFAC's sdnList nor its Sanctions"],
  ['a name of JavaScript', '<constructor></constructor>', '<constructor> is neither'],
  ['an entity of its own', '<!DOCTYPE sdnList [<!ENTITY a "b">]><sdnList>&a;</sdnList>', 'undefined entity'],
  ['a tag that does not close', '<sdnList><sdnEntry></sdnList>', 'unexpected close tag'],
])('XML with %s is refused', async (_, text, complaint) => {
  await expect(rowsOf(readOfacXml, text)).rejects.toThrow(complaint)
})

test('XML that is not UTF-8 is refused', async () => {
  await expect(rowsOf(readOfacXml, Buffer.from([0x3c, 0x61, 0xff, 0xfe]))).rejects.toThrow(/^line 1: .*(encod|valid)/)
})

test('a CSV file with other columns is refused', async () => {
  await expect(rowsOf(readOfacCsv, '1,2,3\n')).rejects.toThrow('line 1: 3 fields: sdn.csv has 12, sdn_comments.csv 2')
})

test('an address of an EVM chain that lost a digit is not passed over: its row is bad', async () => {
  const [row] = await rowsOf(readOfacCsv, `1,"Digital Currency Address - ETH 0x${'1'.repeat(39)}."\r\n`)
  expect(row).toMatchObject({ line: 1, subject: `0x${'1'.repeat(39)}` })
  const [other] = await rowsOf(readOfacCsv, '1,"Digital Currency Address - ETH lost"\r\n')
  expect(other).toMatchObject({ line: 1, subject: 'lost' })
})

test('names do not get into reasons', async () => {
  await fc.assert(
    fc.asyncProperty(
      phrase.filter((name) => name.length > 8),
      party,
      async (name, one) => {
        const rows = await rowsOf(readOfacXml, classic([{ ...one, name }]))
        expect(JSON.stringify(rows)).not.toContain(name)
      },
    ),
    { numRuns: 50 },
  )
})
