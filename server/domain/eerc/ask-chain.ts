import type { TransactionRow } from '../../../db/schema.ts'
import type { TokenAction } from '../../contract/eerc.ts'
import type { Check } from '../../contract/entities.ts'
import { viewNewestBlock } from '../../gateways/chain/tokens/block-view.ts'
import { preflight } from '../../gateways/chain/tokens/preflight.ts'
import type { TokenCall } from '../../gateways/chain/tokens/token-profile.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { asAddress, chainName } from '../wire.ts'
import { profileOf, type TokenFields } from './token-of.ts'

/** Who calls a token. */
export interface Caller {
  address: string
  provider: TransactionRow['provider']
}

/** What the chain and the token say to an action as it stands: every check, and the call that was tried. */
export interface ChainAnswer {
  block: bigint
  checks: Check[]
  call: TokenCall | null
}

/**
 * Asks the chain's list of senders, the token's own rules, and the token with the very call. Nobody acts on a token without this.
 *
 * @throws OPERATION_NOT_SUPPORTED_BY_TOKEN, CHAIN_NOT_SUPPORTED
 * @throws ChainUnavailable
 */
export async function askChain(
  { chains }: Pick<Services, 'chains'>,
  token: TokenFields,
  action: TokenAction,
  caller: Caller,
): Promise<ChainAnswer> {
  const chain = chains.get(token.chain_id)
  if (!chain)
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `Chain ${chainName(token.chain_id)} is not configured. Add it to CHAINS.`,
    )
  const profile = profileOf(token)
  if (!profile?.capabilities[action.type])
    throw new DomainError(
      'OPERATION_NOT_SUPPORTED_BY_TOKEN',
      `The token ${token.symbol} has nothing for ${action.type}. Its capabilities say what it has: see tokens.get.`,
      { operation: action.type, capabilities: token.capabilities },
    )
  const view = await viewNewestBlock(chain.rpc)
  const sender = asAddress(caller.address)
  const { checks, call, block } = await preflight(view, profile, action, {
    sender,
    // the wallet is a contract: its provider's own accounts bring its calls to the chain
    ...(caller.provider === 'crossmint' && { signers: chain.crossmintSenders ?? [] }),
    txAllowList: chain.txAllowList ?? false,
  })
  if (!call && checks.every(({ outcome }) => outcome === 'allow'))
    throw new Error(`token ${token.id}: there is no call for ${action.type}, and no check says why`)
  return { block: block.number, checks, call }
}
