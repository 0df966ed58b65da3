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

/** What an action says beside its parties and its amount, as it is stored with decisions on it. */
export function detailsOf(action: TokenAction): Record<string, string> {
  switch (action.type) {
    case 'burn':
    case 'forced-transfer':
      return { from: action.from }
    case 'freeze':
      return { holder: action.holder, frozen: String(action.frozen) }
    case 'allow': {
      const { holder, identity } = action
      return { holder, ...(identity && { identity: identity.contract, country: String(identity.country) }) }
    }
    case 'disallow':
      return { holder: action.holder }
    case 'transfer':
    case 'mint':
    case 'pause':
    case 'unpause':
      return {}
  }
}

/** Who holds what an action is about; `everybody` where it is about the token. */
export function holdersOf(action: TokenAction): readonly Address[] | 'everybody' {
  switch (action.type) {
    case 'transfer':
    case 'forced-transfer':
      return [action.from, action.to]
    case 'mint':
      return [action.to]
    case 'burn':
      return [action.from]
    case 'freeze':
    case 'allow':
    case 'disallow':
      return [action.holder]
    case 'pause':
    case 'unpause':
      return 'everybody'
  }
}

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
