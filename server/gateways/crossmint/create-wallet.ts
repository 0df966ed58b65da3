import { ProviderError, type ProviderWallet } from '../wallet-provider.ts'
import { type Gateway, replayed } from './gateway.ts'
import type { Wallet } from './schemas.ts'

/**
 * Makes the smart wallet of `owner`, or returns the one it has. An owner whose wallet listens to another signer is refused:
 * Crossmint answers with the old wallet without a word, and we could never move what is paid into it.
 */
export async function createWallet(
  gateway: Gateway,
  { idempotencyKey, owner }: { owner: string; idempotencyKey: string },
): Promise<ProviderWallet> {
  const { client, signer } = gateway
  const locator = `userId:${owner}`
  const adminSigner = { type: signer.kind, address: signer.address }
  const wallet = await replayed(gateway, () => client.createWallet({ owner: locator, adminSigner }, { idempotencyKey }))

  if (wallet.owner && wallet.owner.toLowerCase() !== locator.toLowerCase()) {
    throw new ProviderError('refused', 'owner_mismatch', 'Crossmint answered with the wallet of somebody else')
  }
  if (adminAddressOf(wallet)?.toLowerCase() !== signer.address.toLowerCase()) {
    throw new ProviderError(
      'refused',
      'signer_mismatch',
      `The wallet of this owner is not controlled by ${signer.address}`,
    )
  }
  return toProviderWallet(wallet)
}

/** Newer answers call the admin signer the first recovery method. */
function adminAddressOf({ config }: Wallet): string | undefined {
  return (config?.adminSigner ?? config?.recoveryMethods?.[0])?.address
}

function toProviderWallet({ address, owner }: Wallet): ProviderWallet {
  return { address, owner: owner?.replace(/^userId:/, '') ?? null }
}
