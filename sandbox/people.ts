import { mnemonicToAccount } from 'viem/accounts'
import type { Signer } from '../client-sdk/index.ts'
import type { GrantedRole } from '../server/contract/callers.ts'
import { FUJI } from './sandbox.ts'

/** The page of the sandbox's app. */
export const PAGE = 'http://localhost:3000'

/** The phrase of every local development chain, which everybody knows. */
const mnemonic = 'test test test test test test test test test test test junk'

const account = (index: number) => mnemonicToAccount(mnemonic, { addressIndex: index })

/** The people of the sandbox, by what they do there. Their wallets are development accounts. */
export const people = {
  reader: account(7),
  merchant: account(3),
  officer: account(6),
  'second officer': account(1),
  auditor: account(8),
  operator: account(4),
  'second operator': account(5),
  /** On a deny list in the example. */
  'listed reader': account(9),
  /** Nobody gives them any USDC. */
  'reader without funds': account(2),
} as const

export type PersonName = keyof typeof people

/** Who is to be given a role. */
export const granted: [PersonName, GrantedRole][] = [
  ['merchant', 'merchant'],
  ['officer', 'officer'],
  ['second officer', 'officer'],
  ['auditor', 'auditor'],
]

/** Their wallet, as the SDK takes it. */
export function signerOf(name: PersonName): Signer {
  const { address, signMessage } = people[name]
  return { address, chainId: FUJI, signMessage: (message) => signMessage({ message }) }
}
