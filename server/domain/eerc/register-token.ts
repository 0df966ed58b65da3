import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import type { RegisteredToken, TokenStandard } from '../../contract/eerc.ts'
import type { Address } from '../../contract/entities.ts'
import { viewNewestBlock } from '../../gateways/chain/tokens/block-view.ts'
import { probeToken, type TokenProbe } from '../../gateways/chain/tokens/probe.ts'
import { TokenRefused } from '../../gateways/chain/tokens/token-profile.ts'
import type { Services } from '../../services.ts'
import { registerAsset } from '../assets/register-asset.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { DomainError } from '../domain-error.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { asAddress, chainName } from '../wire.ts'
import { agentWallet } from './agent-wallet.ts'
import { getToken } from './get-token.ts'

/** A token to be registered. */
export interface NewToken {
  chainId: number
  address: Address
  /** What it is to be spoken to in; null is whatever it says of itself, the most telling first. */
  standard: TokenStandard | null
  /** The key here that acts for the issuer; null if none does. */
  agent: Address | null
  idempotencyKey: string
}

/**
 * Registers a token of the app as what the chain shows it to be.
 *
 * @throws CHAIN_NOT_SUPPORTED also for an agent whose key is not here, NOT_A_TOKEN (details: `reason`), ALREADY_REGISTERED,
 *   IDEMPOTENCY_MISMATCH, CHAIN_UNAVAILABLE
 */
export async function registerToken(
  services: Services,
  principal: AppPrincipal,
  input: NewToken,
): Promise<RegisteredToken> {
  const { chainId, address, standard, agent } = input
  const { appId } = principal
  const probe = await probeAt(services, { chainId, address, standard, agent })
  const asset = await registerAsset(services, principal, { chainId, address })
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'tokens.register', { ...input }),
    async (trx, tokenId) => {
      const now = services.clock.now()
      await requireNew(trx, appId, asset.id, address)
      const agentWalletId = agent && (await agentWallet(trx, services, principal, agent))
      const roles = probe.kind === 'permissioned' && agent ? probe.roles : {}
      const known = probe.kind === 'permissioned' ? probe.standard : null
      const step = nextStep(emptyTrail, {
        object: { type: 'token', id: tokenId, appId },
        principal,
        type: 'token.registered',
        at: now,
        data: {
          address,
          agent: agentWalletId,
          asset: asset.id,
          capabilities: probe.capabilities,
          chain: chainName(chainId),
          kind: probe.kind,
          roles,
          standard: known,
        },
      })
      await trx
        .insertInto('eerc_token')
        .values({
          id: tokenId,
          app_id: appId,
          asset_id: asset.id,
          kind: probe.kind,
          standard: known,
          agent_wallet_id: agentWalletId,
          capabilities: JSON.stringify(probe.capabilities),
          roles: JSON.stringify(roles),
          created_at: now,
          ...step.head,
        })
        .execute()
      await append(trx, step)
    },
  )
  return { ...(await getToken(services, principal, { tokenId: id })), replayed }
}

/** Of an app, a contract is one token. @throws ALREADY_REGISTERED */
async function requireNew(trx: Kysely<Database>, appId: string, assetId: string, address: Address): Promise<void> {
  const known = await trx
    .selectFrom('eerc_token')
    .select('id')
    .where('app_id', '=', appId)
    .where('asset_id', '=', assetId)
    .executeTakeFirst()
  if (known)
    throw new DomainError(
      'ALREADY_REGISTERED',
      `The token at ${address} is registered already. Read it with tokens.get.`,
      {
        tokenId: known.id,
      },
    )
}

async function probeAt(
  { chains, localSigner }: Services,
  { chainId, address, standard, agent }: Omit<NewToken, 'idempotencyKey'>,
): Promise<TokenProbe> {
  const chain = chains.get(chainId)
  if (!chain)
    throw new DomainError('CHAIN_NOT_SUPPORTED', `Chain ${chainName(chainId)} is not configured. Add it to CHAINS.`)
  if (agent && !localSigner?.lanes.some((lane) => lane.chainId === chainId && lane.address === agent))
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `Nobody here signs as ${agent} on ${chainName(chainId)}. Add its key to LOCAL_SIGNER_KEYS, and localSigner to the chain.`,
    )
  try {
    return await probeToken(
      await viewNewestBlock(chain.rpc),
      address,
      agent ?? asAddress(address),
      standard ?? undefined,
    )
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    throw new DomainError('NOT_A_TOKEN', `${error.message} Check address, chain and standard.`, { reason: error.code })
  }
}
