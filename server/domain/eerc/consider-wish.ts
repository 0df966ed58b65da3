import type { WalletRow } from '../../../db/schema.ts'
import type { IssuerAction, TokenAction } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import { type Answer, decide } from '../compliance/decide.ts'
import type { FactsRead } from '../compliance/facts.ts'
import { type CountedMeter, metersToCount } from '../compliance/meters.ts'
import type { Question } from '../compliance/question.ts'
import { strictest } from '../compliance/rules/checks.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { asAddress } from '../wire.ts'
import { amountOf, detailsOf, partiesOf } from './action-record.ts'
import { askChain, type Caller, type ChainAnswer } from './ask-chain.ts'
import { readToken } from './get-token.ts'
import type { TokenFields } from './token-of.ts'

/** What somebody wants done with a token. A transfer is from a wallet of theirs; all else is done by the token's agent. */
export type Wish =
  | { tokenId: string; walletId: string; action: { type: 'transfer' } & Omit<TransferAction, 'from'> }
  | { tokenId: string; walletId?: undefined; action: IssuerAction }

type TransferAction = Extract<TokenAction, { type: 'transfer' }>

/** A wish with all that is known about it now. */
export interface Considered {
  token: TokenFields
  wallet: Pick<WalletRow, 'id' | 'address' | 'user_id'> & { provider: Caller['provider'] }
  action: TokenAction
  question: Question
  /** Of the policy and of the chain, in the order in which they decide. */
  answer: Answer
  rulesVersion: bigint
  policy: FactsRead['policy']
  meters: CountedMeter[]
  chain: ChainAnswer
  /** Whatever is done for an issuer, and what a policy wants to have reviewed, needs a second person. */
  needsApproval: boolean
}

/**
 * Asks everybody about a wish: lists and attestations by the app's policy, then the chain and the token.
 *
 * @throws FORBIDDEN, NOT_FOUND, OPERATION_NOT_SUPPORTED_BY_TOKEN, CHAIN_NOT_SUPPORTED
 * @throws ChainUnavailable
 */
export async function considerWish(services: Services, principal: AppPrincipal, wish: Wish): Promise<Considered> {
  // what the lists say of anybody is for those who keep them
  if (wish.action.type !== 'transfer' && confinedTo(principal, overseers) !== null)
    throw new DomainError('FORBIDDEN', `${wish.action.type} is for ${overseers.join(', ')} and the app's servers.`, {
      for: overseers,
    })
  const token = await readToken(services, principal, wish.tokenId)
  const wallet = await walletFor(services, principal, token, wish)
  const address = asAddress(wallet.address)
  const action: TokenAction = wish.action.type === 'transfer' ? { ...wish.action, from: address } : wish.action
  const question: Question = {
    action: `eerc.${action.type}`,
    parties: partiesOf(action, address),
    walletId: wallet.id,
    userId: wallet.user_id,
    assetId: token.asset_id,
    amount: amountOf(action),
    details: detailsOf(action),
    at: services.clock.now(),
  }
  const [facts, chain] = await Promise.all([
    services.readFacts(principal.appId, question),
    askChain(services, token, action, wallet),
  ])
  const decided = decide(question, facts)
  const checks = [...decided.checks, ...chain.checks]
  const answer: Answer = { outcome: strictest(checks).outcome, checks }
  return {
    token,
    wallet,
    action,
    question,
    answer,
    rulesVersion: facts.rulesVersion,
    policy: facts.policy,
    // what is done for the issuer is nobody's payment
    meters: action.type === 'transfer' ? metersToCount(question, facts, decided) : [],
    chain,
    needsApproval: action.type !== 'transfer' || answer.outcome === 'review',
  }
}

async function walletFor({ db }: Services, principal: AppPrincipal, token: TokenFields, wish: Wish) {
  const walletId = wish.walletId ?? token.agent_wallet_id
  if (walletId === null)
    throw new DomainError(
      'OPERATION_NOT_SUPPORTED_BY_TOKEN',
      `Nobody here acts for the issuer of ${token.symbol}: it was registered without an agent.`,
      { operation: wish.action.type },
    )
  const userId = wish.walletId ? confinedTo(principal, []) : null
  const wallet = await db
    .selectFrom('wallet')
    .select(['id', 'address', 'provider', 'user_id'])
    .where('id', '=', walletId)
    .where('app_id', '=', principal.appId)
    // whose key is with its user signs nothing here
    .where('kind', 'in', ['custodial', 'treasury'])
    .$if(userId !== null, (query) => query.where('user_id', '=', userId))
    .executeTakeFirst()
  if (!wallet || wallet.provider === 'none') throw notFound('wallet')
  return { ...wallet, provider: wallet.provider }
}
