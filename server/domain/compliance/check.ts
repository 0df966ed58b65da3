import type { Address, Compliance } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import { type AppPrincipal, confinedTo, overseers } from '../principal.ts'
import { asAddress } from '../wire.ts'
import { decide } from './decide.ts'
import type { Question } from './question.ts'

/** A movement of value that somebody has in mind. */
export interface Intent {
  walletId: string
  recipient: Address
  assetId: string
  /** In base units of the asset. */
  amount: bigint
}

/**
 * Tells what compliance would say to a movement of value now, with every check. Writes and counts nothing.
 *
 * @throws NOT_FOUND for a wallet that the caller may not see, or an asset
 */
export async function checkCompliance(
  services: Services,
  principal: AppPrincipal,
  { walletId, recipient, assetId, amount }: Intent,
): Promise<Compliance> {
  const userId = confinedTo(principal, overseers)
  const { payer, payer_user, asset_known, rules_version } = await services.intentRows({
    appId: principal.appId,
    walletId,
    userId,
    assetId,
  })
  if (payer === null) throw notFound('wallet')
  if (!asset_known) throw notFound('asset')
  const question: Question = {
    action: 'payment',
    parties: { payer: asAddress(payer), recipient },
    walletId,
    userId: payer_user,
    assetId,
    amount,
    at: services.clock.now(),
  }
  const facts = await services.readFacts(principal.appId, question, rules_version)
  return { ...decide(question, facts), listVersion: facts.rulesVersion, policyVersion: facts.policy.version }
}
