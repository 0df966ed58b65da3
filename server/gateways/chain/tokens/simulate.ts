import { type Hex, size } from 'viem'
import type { BlockView } from './block-view.ts'
import { evidenceOf, refuse, satisfy } from './check.ts'
import { readRefusal } from './refusal.ts'
import type { TokenCall, TokenCheck } from './token-profile.ts'

const rule = 'token-simulation'
const remedy = 'Look at the other checks; if none tells why, ask the issuer what the token demands.'

/**
 * Makes the exact call as who would send it, without sending it. In this the token itself decides, so it is never left out: what other checks
 * find are the reasons. It does not see what happens before the token is called: whether the chain takes transactions of the sender.
 *
 * @throws ChainUnavailable
 */
export async function simulate(view: BlockView, call: TokenCall): Promise<TokenCheck> {
  const [attempt] = await view.attempt([call])
  const evidence = evidenceOf(view)
  if (!attempt!.accepted) {
    const { code, message } = readRefusal(attempt!.data)
    return refuse(rule, code, `The token refuses this very call. ${message}`, remedy, evidence)
  }
  // tokens older than their standards answer false where they should revert
  if (isFalse(attempt!.data))
    return refuse(rule, 'REFUSED_BY_TOKEN', 'The token answers this very call with false.', remedy, evidence)
  return satisfy(rule, 'SIMULATION_ACCEPTED', 'The token accepts this very call.', evidence)
}

const isFalse = (data: Hex) => size(data) === 32 && BigInt(data) === 0n
