/** A value as superjson sends it: JSON, and the type it is to be read back as. */
export interface Wire {
  /** What it is, for the test's report. */
  name: string
  json: unknown
  /** superjson's annotation, such as `['bigint']`. */
  as?: readonly unknown[]
}

const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)

/** Values of one JavaScript type that no field of that type takes. */
const ofType: Record<string, Wire[]> = {
  string: [
    { name: 'nothing', json: '' },
    { name: 'blanks', json: '   ' },
    { name: 'a long string', json: 'x'.repeat(6_000) },
    { name: 'NUL', json: 'a\u0000b' },
    { name: 'a lone surrogate', json: 'abcdefgh\ud800' },
    { name: 'a line feed', json: 'abcdefgh\nijk' },
  ],
  number: [
    { name: 'NaN', json: 'NaN', as: ['number'] },
    { name: 'Infinity', json: 'Infinity', as: ['number'] },
    { name: '-Infinity', json: '-Infinity', as: ['number'] },
    { name: 'a fraction', json: 1.5 },
    { name: 'a negative number', json: -1 },
    { name: 'zero', json: 0 },
    { name: 'an unsafe integer', json: 1e300 },
  ],
  bigint: [
    { name: 'a negative bigint', json: '-1', as: ['bigint'] },
    { name: 'zero as bigint', json: '0', as: ['bigint'] },
    { name: '257 bits', json: String(2n ** 256n), as: ['bigint'] },
    { name: 'a bigint of 5000 digits', json: '9'.repeat(5_000), as: ['bigint'] },
  ],
  boolean: [],
  object: [],
  array: [
    { name: 'an array with a number', json: [7] },
    { name: 'an array with null', json: [null] },
    { name: 'an array with an array', json: [[]] },
    { name: 'an array with nothing in it', json: [''] },
    { name: 'a long array', json: Array(1_000).fill('x') },
  ],
  Date: [
    { name: 'no date', json: 'tomorrow', as: ['Date'] },
    { name: 'a date before 1970', json: '1969-12-31T23:59:59.999Z', as: ['Date'] },
    { name: 'a date after 9999', json: '+100000-01-01T00:00:00.000Z', as: ['Date'] },
  ],
}

/** Values of types that no field takes at all. */
const ofNoType: Wire[] = [
  { name: 'an object', json: {} },
  { name: 'an array', json: ['x'] },
  { name: 'a deep object', json: nested(500) },
  {
    name: 'an object with prototype keys',
    json: JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}'),
  },
  { name: 'a Set', json: ['x'], as: ['set'] },
  { name: 'a Map', json: [['x', 1]], as: ['map'] },
  { name: 'a RegExp', json: '/(a+)+$/', as: ['regexp'] },
  { name: 'a URL', json: 'http://127.0.0.1/', as: ['URL'] },
  { name: 'an Error', json: { name: 'Error', message: 'x' }, as: ['Error'] },
  { name: 'a Uint8Array', json: [1, 2], as: [['typed-array', 'Uint8Array']] },
]

const plain: Record<string, Wire> = {
  string: { name: 'a string', json: 'text' },
  number: { name: 'a number', json: 7 },
  bigint: { name: 'a bigint', json: '7', as: ['bigint'] },
  boolean: { name: 'true', json: true },
  Date: { name: 'a Date', json: '2030-01-01T00:00:00.000Z', as: ['Date'] },
}

const typeOf = (value: unknown): string =>
  value instanceof Date ? 'Date' : Array.isArray(value) ? 'array' : typeof value

/** Everything that a field must refuse which takes `good`, but for `null` and absence. */
export function hostileTo(good: unknown): Wire[] {
  const type = typeOf(good)
  const others = Object.entries(plain).flatMap(([name, wire]) => (name === type ? [] : [wire]))
  return [...ofType[type]!, ...others, ...ofNoType]
}
