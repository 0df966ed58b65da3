import { type HDAccount, mnemonicToAccount } from 'viem/accounts'

/** The phrase of every local development chain, which everybody knows: its keys are nobody's secret. */
const mnemonic = 'test test test test test test test test test test test junk'

/** The people of the sandbox, by the accounts of that phrase. */
export const accounts = {
  reader: 7,
  merchant: 3,
  officer: 6,
  'second officer': 1,
  auditor: 8,
  operator: 4,
  'second operator': 5,
  'listed reader': 9,
  'reader without funds': 2,
} as const

export type AccountName = keyof typeof accounts

export const isAccount = (name: unknown): name is AccountName => typeof name === 'string' && name in accounts

const derived = new Map<AccountName, HDAccount>()

export function accountOf(name: AccountName): HDAccount {
  const account = derived.get(name) ?? mnemonicToAccount(mnemonic, { addressIndex: accounts[name] })
  derived.set(name, account)
  return account
}
