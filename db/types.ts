import pg from 'pg'

type Parser = (text: string) => unknown

/** Amounts are whole base units: a fraction is a mistake somewhere, and cutting it off would hide it. */
function wholeNumber(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new TypeError(`the database returned ${text} where only whole amounts are stored`)
  return BigInt(text)
}

const { builtins } = pg.types
const parsers = new Map<number, Parser>([
  [builtins.INT8, BigInt],
  [builtins.NUMERIC, wholeNumber],
  [builtins.DATE, String], // a day has no time zone; a Date would give it ours
])

/** How a column's text becomes a value: ours where the default loses precision, else node-postgres's. */
export function parsersByType(type: number, format?: 'text' | 'binary'): Parser {
  return (format !== 'binary' && parsers.get(type)) || pg.types.getTypeParser(type, format as 'text')
}
