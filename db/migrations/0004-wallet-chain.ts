/** Where a wallet that is a contract may speak for its user. */
export const walletChain = {
  // of the message that a user's own wallet was proven with; null for wallets that the provider made
  wallet_chain: `alter table wallet add column if not exists chain_id int8`,
} as const
