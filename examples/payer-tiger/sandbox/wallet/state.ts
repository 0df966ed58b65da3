import { type AccountName, isAccount } from './accounts.ts'

/** What the wallet remembers: it is the same in all tabs, and after a reload. */
export interface WalletState {
  account: AccountName
  chainId: number
  /** Whether this page may know the account. */
  connected: boolean
}

const KEY = 'sandbox-wallet'

export function readState(firstChain: number): WalletState {
  const { account, chainId, connected } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<WalletState>
  return {
    account: isAccount(account) ? account : 'reader',
    chainId: typeof chainId === 'number' ? chainId : firstChain,
    connected: connected === true,
  }
}

export const writeState = (state: WalletState): void => localStorage.setItem(KEY, JSON.stringify(state))

/** Calls back when another tab has changed it. */
export function onStateOfOthers(changed: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === KEY) changed()
  })
}
