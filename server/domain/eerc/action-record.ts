import type { TokenAction } from '../../contract/eerc.ts'
import type { Address } from '../../contract/entities.ts'

/** An action as JSON: amounts in decimal. */
export type ActionFields = Record<string, unknown>

export const actionRecord = (action: TokenAction): ActionFields =>
  Object.fromEntries(
    Object.entries(action)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  )

/** It was checked when it was stored, and never changes. */
export const actionOf = (fields: ActionFields): TokenAction =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === 'amount' || name === 'frozen' ? BigInt(value as string) : value,
    ]),
  ) as TokenAction

/** What moves, in base units; nothing where nothing does. */
export const amountOf = (action: TokenAction): bigint => ('amount' in action ? action.amount : 0n)

/**
 * Whom compliance is asked about. What takes from somebody, or stops them, must be possible with whom the lists are against: of that,
 * only who acts is asked about; otherwise, who gets or may hold something too.
 */
export function partiesOf(action: TokenAction, caller: Address): { payer: Address; recipient: Address } {
  switch (action.type) {
    case 'transfer':
    case 'mint':
    case 'forced-transfer':
      return { payer: caller, recipient: action.to }
    case 'allow':
      return { payer: caller, recipient: action.holder }
    case 'freeze':
    case 'burn':
    case 'pause':
    case 'unpause':
    case 'disallow':
      return { payer: caller, recipient: caller }
  }
}
