import type { Address } from 'viem'
import { erc20, erc7943 } from './abi.ts'
import type { BlockView } from './block-view.ts'
import { question, readAll } from './questions.ts'
import { type TokenProfile, TokenRefused } from './token-profile.ts'

/** What a holder has of a token, in base units. `frozen` may be more than the balance, and is 0 where the token freezes nothing. */
export interface Holding {
  balance: bigint
  frozen: bigint
}

/**
 * Reads what a holder has at the view's block. After a freeze it tells whether the target was met: of an ERC-3643 token, the receipt only
 * shows a change.
 *
 * @throws TokenRefused TOKEN_UNREADABLE
 * @throws ChainUnavailable
 */
export async function readHolding(
  view: BlockView,
  { token, capabilities }: Pick<TokenProfile, 'token' | 'capabilities'>,
  holder: Address,
): Promise<Holding> {
  const { balance, frozen } = await readAll(view, {
    balance: question(token, erc20, 'balanceOf', holder),
    frozen: question(token, erc7943, 'getFrozenTokens', holder),
  })
  if (balance === undefined || (capabilities.freeze && frozen === undefined))
    throw new TokenRefused('TOKEN_UNREADABLE', `The token ${token} does not say what ${holder} has.`)
  return { balance, frozen: capabilities.freeze ? frozen! : 0n }
}
