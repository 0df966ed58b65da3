import type { EercPreflight } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { considerWish, type Wish } from './consider-wish.ts'

/**
 * Tells what an operation would meet now: every check with its reason. Writes nothing and counts nothing.
 *
 * @throws NOT_FOUND, OPERATION_NOT_SUPPORTED_BY_TOKEN, CHAIN_NOT_SUPPORTED, CHAIN_UNAVAILABLE
 */
export async function preflightOperation(
  services: Services,
  principal: AppPrincipal,
  wish: Wish,
): Promise<EercPreflight> {
  const { answer, rulesVersion, policy, chain, needsApproval } = await considerWish(services, principal, wish)
  return {
    ...answer,
    listVersion: rulesVersion,
    policyVersion: policy.version,
    block: chain.block,
    needsApproval: needsApproval && answer.outcome !== 'deny',
  }
}
