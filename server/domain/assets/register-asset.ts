import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Address, Asset } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { chainName } from '../wire.ts'
import { assetColumns, assetOf } from './asset-of.ts'

/**
 * Makes a token on a configured chain payable. Its symbol and decimals are read from the contract. Registering it again answers
 * with the asset there is.
 *
 * @throws CHAIN_NOT_SUPPORTED, NOT_A_TOKEN, CHAIN_UNAVAILABLE
 */
export async function registerAsset(
  services: Services,
  principal: Principal,
  { chainId, address }: { chainId: number; address: Address },
): Promise<Asset> {
  const chain = services.chains.get(chainId)
  if (!chain)
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `Chain eip155:${chainId} is not configured. Add it to CHAINS, or use one of ${configured(services)}.`,
    )
  const token = await chain.token(address)
  if (!token || !showable.test(token.symbol))
    throw new DomainError(
      'NOT_A_TOKEN',
      `There is no ERC-20 token with a symbol that can be shown at ${address} on ${chainName(chainId)}. Check address and chain.`,
    )

  return transaction(
    services.db,
    async (trx) => {
      const known = await trx
        .selectFrom('asset')
        .select(assetColumns)
        .where('chain_id', '=', BigInt(chainId))
        .where('address', '=', address)
        .executeTakeFirst()
      if (known) return assetOf(known)
      const id = randomUUID()
      const now = services.clock.now()
      const step = nextStep(emptyTrail, {
        object: { type: 'asset', id, appId: PLATFORM },
        principal,
        type: 'asset.registered',
        at: now,
        data: { chain: chainName(chainId), address, ...token },
      })
      const row = { id, chain_id: BigInt(chainId), address, ...token }
      await trx
        .insertInto('asset')
        .values({ ...row, created_at: now, ...step.head })
        .execute()
      await append(trx, step)
      return assetOf(row)
    },
    { idempotent: true, retryOn: (error) => (error as { code?: string }).code === '23505' },
  )
}

/** Short, and without characters that hide, break or turn text: whoever wrote the contract chose it. */
const showable = /^[^\p{C}\ufffd]{1,32}$/u

const configured = ({ chains }: Services): string =>
  chains
    .all()
    .map(({ chainId }) => chainName(chainId))
    .join(', ')
