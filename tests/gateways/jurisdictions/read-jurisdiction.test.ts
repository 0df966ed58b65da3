import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countries } from '../../../server/gateways/jurisdictions/countries.ts'
import { readJurisdiction } from '../../../server/gateways/jurisdictions/read-jurisdiction.ts'

test('the table has every assigned code once, and agrees with ICU', () => {
  expect(countries).toHaveLength(249)
  for (const codes of [
    countries.map(({ alpha2 }) => alpha2),
    countries.map(({ alpha3 }) => alpha3),
    countries.map(({ numeric }) => numeric),
  ])
    expect(new Set(codes).size).toBe(249)

  for (const { alpha2, alpha3, numeric } of countries) {
    expect([alpha2, alpha3, numeric].join(' ')).toMatch(/^[A-Z]{2} [A-Z]{3} \d{3}$/)
    expect(Intl.getCanonicalLocales(`und-${numeric}`)).toEqual([`und-${alpha2}`])
    expect(new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(alpha2)).toBeTypeOf('string')
  }
})

test.each([
  ['us', 'US'],
  ['uk', 'GB'],
  ['pa', 'PA'],
  ['mx', 'MX'],
  ['ng', 'NG'],
  ['DEU', 'DE'],
  ['chn', 'CN'],
  ['756', 'CH'],
  ['076', 'BR'],
  ['76', 'BR'],
  [76, 'BR'],
  [4, 'AF'],
  [' fr\n', 'FR'],
  ['US-NY', 'US'],
  ['gb-eng', 'GB'],
])('%j is %s', (written, country) => {
  expect(readJurisdiction(written).country).toBe(country)
})

test.each([
  ['eu', 'EU'],
  ['other', 'OTHER'],
  ['EU-FR', 'EU-FR'],
  ['XK', 'XK'],
  ['ZZ', 'ZZ'],
  ['AN', 'AN'], // the Netherlands Antilles, no longer assigned
  ['SUN', 'SUN'],
  ['000', '000'],
  [0, '0'],
  [-76, '-76'],
  [76.5, '76.5'],
  ['US,GB', 'US,GB'],
  ['US-NYCX', 'US-NYCX'],
  ['United States', 'UNITED STATES'],
  ['toString', 'TOSTRING'],
  ['__proto__', '__PROTO__'],
])('%j is no country; the label is kept', (written, label) => {
  expect(readJurisdiction(written)).toEqual({ country: null, label })
})

test('nothing written is no label', () => {
  expect(readJurisdiction('')).toEqual({ country: null, label: null })
  expect(readJurisdiction(' \t')).toEqual({ country: null, label: null })
})

test('what looks like a code, or becomes one by a change of case, is not one', () => {
  expect(readJurisdiction('ß')).toEqual({ country: null, label: '?' }) // SS in upper case: South Sudan
  expect(readJurisdiction('ıt')).toEqual({ country: null, label: '?T' })
  expect(readJurisdiction('ＵＳ')).toEqual({ country: null, label: '??' })
  expect(readJurisdiction('U\u200bS')).toEqual({ country: null, label: 'U?S' })
})

const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter : letter.toLowerCase())).join(''))

test('property: every code of a country, in any case, between any blanks, is that country', () => {
  const written = fc.constantFrom(...countries).chain(({ alpha2, alpha3, numeric }) =>
    fc.record({
      country: fc.constant(alpha2),
      code: fc.oneof(anyCase(alpha2), anyCase(alpha3), fc.constant(numeric), fc.constant(Number(numeric))),
      before: fc.constantFrom('', ' ', '\n\t'),
      after: fc.constantFrom('', ' ', '\r\n'),
    }),
  )
  fc.assert(
    fc.property(written, ({ country, code, before, after }) => {
      const given = typeof code === 'number' ? code : before + code + after
      expect(readJurisdiction(given).country).toBe(country)
    }),
    { numRuns: 500 },
  )
})

test('property: whatever is written, the country is assigned or null, the label short and printable, and reading it again changes nothing', () => {
  const known = new Set(countries.map(({ alpha2 }) => alpha2))
  const written = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 4 }),
    fc.stringMatching(/^[A-Za-z]{2,3}$/),
    fc.integer(),
    fc.double(),
  )
  fc.assert(
    fc.property(written, (given) => {
      const { country, label } = readJurisdiction(given)
      expect(country === null || known.has(country)).toBe(true)
      if (label !== null) expect(label).toMatch(/^[ -`{-~]{1,64}$/)
      else expect(country).toBeNull()
      if (label?.trim() === label) expect(readJurisdiction(label!)).toEqual({ country, label })
    }),
    { numRuns: 500 },
  )
})
