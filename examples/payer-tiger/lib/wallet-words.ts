import type { Wallet } from '@provider-service/client'

/** How a wallet is called where its owner chooses one. */
export function walletWords({ kind }: Pick<Wallet, 'kind'>): { name: string; about: string } {
  return kind === 'external'
    ? { name: 'Your own wallet', about: 'You hold its key, and confirm each payment in it.' }
    : { name: 'Your Payer Tiger wallet', about: 'We keep its key and sign for you: one click pays.' }
}
