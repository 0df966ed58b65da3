import { countries } from './countries.ts'

/** A jurisdiction as somebody wrote it, and the country that this is. */
export interface Jurisdiction {
  /** ISO 3166-1 alpha-2, upper case. Null where it names no single country. */
  country: string | null
  /** What was written, in upper case; null where nothing was. At most 64 characters, all of them printable ASCII. */
  label: string | null
}

/** Reserved by ISO for the United Kingdom and written by many, but assigned to nobody. */
const otherNames: Readonly<Record<string, string>> = { UK: 'GB' }

const byCode = new Map(
  countries.flatMap(({ alpha2, alpha3, numeric }) => [
    [alpha2, alpha2],
    [alpha3, alpha2],
    [numeric, alpha2],
  ]),
)

/**
 * Reads a jurisdiction of any provider: alpha-2, alpha-3, numeric (as text or number, with or without its leading zeros), or a subdivision
 * such as `US-NY`, which lies in its country. Upper and lower case are the same. A group such as `EU`, a word such as `other`, and
 * a code that is not assigned are no country: whoever needs one must not guess.
 */
export function readJurisdiction(written: string | number): Jurisdiction {
  const label = `${written}`
    .trim()
    .replace(/[^ -~]/g, '?') // before the change of case, which makes SS of a sharp s
    .toUpperCase()
    .slice(0, 64)
  return { country: countryOf(label), label: label || null }
}

function countryOf(label: string): string | null {
  const code = /^\d{1,3}$/.test(label) ? label.padStart(3, '0') : label
  const [, inside] = /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(code) ?? []
  return byCode.get(inside ?? code) ?? otherNames[inside ?? code] ?? null
}
