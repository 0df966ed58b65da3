import type { FileRow } from './file-row.ts'

/** How OFAC's files name an address of a digital currency, before its symbol. */
export const FEATURE = 'Digital Currency Address - '

/** An address that OFAC publishes, with the symbol of a currency it was used with. */
export interface DigitalCurrencyAddress {
  line: number
  symbol: string
  address: string
  /** OFAC's number of whoever it belongs to. No name: the number finds it. */
  party: string
  programs: readonly string[]
}

/** Of these currencies every address is one of an EVM account, so that another form is a mistake in the file. */
const always = new Set(['ARB', 'BSC', 'ETC', 'ETH'])

/** The entry for an address: tokens live on many chains, so that the address tells what it is, not the symbol. */
export function rowOf({ line, symbol, address, party, programs }: DigitalCurrencyAddress): FileRow {
  if (!/^0x/i.test(address) && !always.has(symbol)) return { line, other: symbol }
  return {
    line,
    // in one case: OFAC's letters carry no checksum that could be relied on
    subject: address.toLowerCase(),
    reason: `OFAC SDN ${party}${programs.length > 0 ? ` (${programs.join(', ')})` : ''}, ${symbol}`,
    source: 'OFAC SDN',
    validFrom: null,
    validUntil: null,
  }
}
