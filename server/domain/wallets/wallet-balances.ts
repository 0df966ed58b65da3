import type { Balance } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { assetColumns } from '../assets/asset-of.ts'
import type { AppPrincipal } from '../principal.ts'
import { asAddress, chainName } from '../wire.ts'
import { getWallet } from './get-wallet.ts'

/**
 * What a wallet holds of every registered asset, read from each chain now.
 *
 * @throws NOT_FOUND, CHAIN_UNAVAILABLE
 */
export async function walletBalances(
  services: Services,
  principal: AppPrincipal,
  input: { walletId: string },
): Promise<Balance[]> {
  const wallet = await getWallet(services, principal, input)
  const assets = await services.db
    .selectFrom('asset')
    .select(assetColumns)
    .where(
      'chain_id',
      'in',
      services.chains.all().map(({ chainId }) => BigInt(chainId)),
    )
    .orderBy('created_at')
    .execute()
  return Promise.all(
    assets.map(async ({ id, chain_id, address, symbol, decimals }) => ({
      assetId: id,
      chain: chainName(chain_id),
      symbol,
      decimals,
      amount: await services.chains.get(chain_id)!.balanceOf(asAddress(address), wallet.address),
    })),
  )
}
