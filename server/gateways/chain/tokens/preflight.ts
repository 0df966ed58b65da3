import type { Address, Hash } from 'viem'
import { checkAllowList } from './allow-list.ts'
import type { BlockView } from './block-view.ts'
import { evidenceOf, refuse, satisfy } from './check.ts'
import { simulate } from './simulate.ts'
import {
  type TokenCall,
  type TokenCheck,
  type TokenOperation,
  type TokenProfile,
  TokenRefused,
} from './token-profile.ts'

/** What the chain would say to an operation after one block, with everything that was asked in this order. */
export interface TokenPreflight {
  allowed: boolean
  block: { number: bigint; hash: Hash }
  /** The chain's list of senders, the token's own rules, the simulation. */
  checks: TokenCheck[]
  /** The exact call that was simulated; null where there is none. */
  call: TokenCall | null
}

/**
 * Asks the chain and the token everything about an operation, at the view's block. Nothing is sent.
 *
 * `sender` is who calls the token; `signers` are who may sign for the chain where that is somebody else, as for wallets that are
 * contracts; `txAllowList` says that the chain is known to restrict who may.
 *
 * @throws ChainUnavailable
 */
export async function preflight(
  view: BlockView,
  profile: TokenProfile,
  operation: TokenOperation,
  {
    sender,
    signers = [sender],
    txAllowList = false,
  }: { sender: Address; signers?: readonly Address[]; txAllowList?: boolean },
): Promise<TokenPreflight> {
  const supported = profile.capabilities[operation.type]
  const [listed, own, simulated] = await Promise.all([
    checkAllowList(view, signers, txAllowList),
    supported ? profile.checks(view, operation, sender) : [],
    supported ? prepareAndSimulate(view, profile, operation, sender) : { call: null, checks: [] },
  ])
  const checks = [listed, checkSupport(view, profile, operation), ...own, ...simulated.checks]
  return {
    allowed: simulated.call !== null && checks.every(({ outcome }) => outcome === 'allow'),
    block: { number: view.number, hash: view.hash },
    checks,
    call: simulated.call,
  }
}

function checkSupport(view: BlockView, { standard, capabilities }: TokenProfile, { type }: TokenOperation): TokenCheck {
  return capabilities[type]
    ? satisfy('token-operation', 'OPERATION_SUPPORTED', `The token has ${type}.`, evidenceOf(view))
    : refuse(
        'token-operation',
        'OPERATION_NOT_SUPPORTED_BY_TOKEN',
        `The token, of the standard ${standard}, has nothing for ${type}.`,
        'Use an operation that the token’s capabilities name.',
        evidenceOf(view),
      )
}

async function prepareAndSimulate(
  view: BlockView,
  profile: TokenProfile,
  operation: TokenOperation,
  sender: Address,
): Promise<{ call: TokenCall | null; checks: TokenCheck[] }> {
  try {
    const call = await profile.prepare(view, operation, sender)
    return { call, checks: [await simulate(view, call)] }
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    return { call: null, checks: [] } // there is no such call, and a check of the token's says why
  }
}
