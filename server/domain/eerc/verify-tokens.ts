import type { Address, ChainName } from '../../contract/entities.ts'
import { ChainUnavailable } from '../../gateways/chain/chain.ts'
import { type BlockView, viewNewestBlock } from '../../gateways/chain/tokens/block-view.ts'
import { verifyToken } from '../../gateways/chain/tokens/probe.ts'
import { TokenRefused } from '../../gateways/chain/tokens/token-profile.ts'
import type { Services } from '../../services.ts'
import { asAddress, chainName } from '../wire.ts'
import { tokenColumns } from './token-of.ts'

/** What became of asking for one token. */
export interface VerifiedToken {
  tokenId: string
  symbol: string
  chain: ChainName
  address: Address
  /** `unseen`: its chain does not answer, or is not in CHAINS. */
  found: 'same' | 'other' | 'unseen'
  /** Why it is not the same, in a sentence; null where it is. */
  because: string | null
}

/** Asks the chain of every registered token, of all apps, whether it still is what it was registered as. */
export async function verifyTokens({ db, chains }: Pick<Services, 'db' | 'chains'>): Promise<VerifiedToken[]> {
  const rows = await db
    .selectFrom('eerc_token')
    .innerJoin('asset', 'asset.id', 'eerc_token.asset_id')
    .leftJoin('wallet', 'wallet.id', 'eerc_token.agent_wallet_id')
    .select(tokenColumns)
    .select('wallet.address as agent')
    .orderBy('asset.chain_id')
    .orderBy('eerc_token.created_at')
    .execute()
  const byChain = Map.groupBy(rows, ({ chain_id }) => chain_id)
  const verified = await Promise.all(
    [...byChain].map(async ([chainId, tokens]) => {
      const chain = chains.get(chainId)
      let silence = chain ? null : `Chain ${chainName(chainId)} is not in CHAINS.`
      const found: VerifiedToken[] = []
      // one after the other: a chain with many tokens is not asked about all of them at once
      for (const { id, symbol, address, kind, standard, decimals, agent } of tokens) {
        const token = asAddress(address)
        const about = { tokenId: id, symbol, chain: chainName(chainId), address: token }
        try {
          if (silence) throw new ChainUnavailable(silence)
          const view: BlockView = await viewNewestBlock(chain!.rpc)
          await verifyToken(view, { token, kind, standard, decimals }, asAddress(agent ?? address))
          found.push({ ...about, found: 'same', because: null })
        } catch (error) {
          if (error instanceof TokenRefused)
            found.push({ ...about, found: 'other', because: `${error.message} (${error.code})` })
          else if (error instanceof ChainUnavailable) {
            silence = error.message
            found.push({ ...about, found: 'unseen', because: error.message })
          } else throw error
        }
      }
      return found
    }),
  )
  return verified.flat()
}

/** A token in words for who starts the service. */
export const wordsOf = ({ tokenId, symbol, chain, address, because }: VerifiedToken): string =>
  `token ${tokenId} (${symbol}, ${address} on ${chain})${because ? `: ${because}` : ''}`
