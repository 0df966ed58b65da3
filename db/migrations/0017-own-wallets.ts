/** Payments that their payers sign themselves, in wallets of their own. */
export const ownWallets = {
  // up to which block the chain was searched for what a payer has signed; null where somebody else brings it there
  transaction_searched: `alter table transaction add column if not exists searched_block int8`,

  // one in flight for each wallet and chain where the order of nonces is the provider's: ours is kept by a lane, and payers keep theirs
  transaction_alone_at_provider: `
    create unique index if not exists transaction_alone_at_provider on transaction (wallet_id, chain_id)
      where state in ('submitting', 'submitted') and provider = 'crossmint'`,
  transaction_alone_in_flight: `drop index if exists transaction_alone_in_flight`,
} as const
