import { createHash, randomUUID } from 'node:crypto'
import { getAddress } from 'viem'
import type { Address, Decision } from '../../../server/contract/entities.ts'

/** An address that nobody has chosen: as spread out as real ones are. */
export const addressOf = (name: string): Address =>
  getAddress(`0x${createHash('sha256').update(name).digest('hex').slice(0, 40)}`)

/** Somebody who pays. */
export interface Payer {
  walletId: string
  address: Address
  /** What is wrong with them, if something is. */
  flaw: 'wallet listed' | 'level too low' | 'limit reached' | null
}

/** Somebody who is paid. */
export interface Recipient {
  address: Address
  flaw: 'sanctioned' | 'denied' | null
}

/** As many who pay, one in 50 with each flaw. */
export const payersOf = (count: number): Payer[] =>
  Array.from({ length: count }, (_, index) => ({
    walletId: randomUUID(),
    address: addressOf(`payer ${index}`),
    flaw: (['wallet listed', 'level too low', 'limit reached'] as const)[index % 50] ?? null,
  }))

/** As many who are paid, one in 50 with each flaw. */
export const recipientsOf = (count: number): Recipient[] =>
  Array.from({ length: count }, (_, index) => ({
    address: addressOf(`recipient ${index}`),
    flaw: (['sanctioned', 'denied'] as const)[index % 50] ?? null,
  }))

/** Above it an officer looks at a payment. */
export const THRESHOLD = 1_000_000n

/** What a payment between them must come to. */
export function outcomeOf(payer: Payer, recipient: Recipient, amount: bigint): Decision['outcome'] {
  if (recipient.flaw || payer.flaw === 'wallet listed' || payer.flaw === 'limit reached') return 'deny'
  return payer.flaw || amount > THRESHOLD ? 'review' : 'allow'
}
