import { ChainUnavailable } from '../../gateways/chain/chain.ts'
import { viewNewestBlock } from '../../gateways/chain/tokens/block-view.ts'
import { verifyToken } from '../../gateways/chain/tokens/probe.ts'
import { TokenRefused } from '../../gateways/chain/tokens/token-profile.ts'
import type { Services } from '../../services.ts'
import { asAddress, chainName } from '../wire.ts'
import { tokenColumns } from './token-of.ts'

/** What was found of the tokens of all apps. */
export interface TokensVerified {
  /** Those that are no longer what they were registered as, in words for who starts the service. */
  wrong: string[]
  /** Those whose chain did not answer, or is not configured any more: nothing can be done with them until it is. */
  unseen: number
}

/** Asks the chain of every registered token whether it still is what it was registered as. */
export async function verifyTokens({ db, chains }: Services): Promise<TokensVerified> {
  const rows = await db
    .selectFrom('eerc_token')
    .innerJoin('asset', 'asset.id', 'eerc_token.asset_id')
    .leftJoin('wallet', 'wallet.id', 'eerc_token.agent_wallet_id')
    .select(tokenColumns)
    .select('wallet.address as agent')
    .execute()
  const byChain = Map.groupBy(rows, ({ chain_id }) => chain_id)
  const found: TokensVerified = { wrong: [], unseen: 0 }
  for (const [chainId, tokens] of byChain) {
    const chain = chains.get(chainId)
    const view = chain && (await viewNewestBlock(chain.rpc).catch(unavailable))
    for (const { id, address, kind, standard, decimals, agent } of tokens) {
      if (!view) {
        found.unseen++
        continue
      }
      const token = asAddress(address)
      try {
        await verifyToken(view, { token, kind, standard, decimals }, asAddress(agent ?? address))
      } catch (error) {
        if (error instanceof TokenRefused)
          found.wrong.push(`token ${id} on ${chainName(chainId)}: ${error.code}. ${error.message}`)
        else if (error instanceof ChainUnavailable) found.unseen++
        else throw error
      }
    }
  }
  return found
}

function unavailable(error: unknown): null {
  if (error instanceof ChainUnavailable) return null
  throw error
}
