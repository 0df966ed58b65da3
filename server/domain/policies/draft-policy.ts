import type { Policy, Rule } from '../../contract/policies.ts'
import type { Services } from '../../services.ts'
import { append, emptyTrail, nextStep } from '../audit/trail.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { getPolicy } from './get-policy.ts'
import { writeRules } from './policy-of.ts'
import { requireSubjects } from './require-subjects.ts'

/**
 * Writes the next version of the app's policy. It is a draft: nothing follows it before it is published.
 *
 * @throws NOT_FOUND for an asset or an allow list that a rule names, IDEMPOTENCY_MISMATCH
 */
export async function draftPolicy(
  services: Services,
  principal: AppPrincipal,
  input: { rules: Rule[]; idempotencyKey: string },
): Promise<Policy & { replayed: boolean }> {
  const { appId } = principal
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'policies.draft', { ...input }),
    async (trx, policyId) => {
      await requireSubjects(trx, appId, input.rules)
      const now = services.clock.now()
      const last = await trx
        .selectFrom('policy')
        .select((of) => of.fn.max('number').as('number'))
        .where('app_id', '=', appId)
        .executeTakeFirst()
      const number = (last?.number ?? 0) + 1
      const rules = writeRules(input.rules)
      const step = nextStep(emptyTrail, {
        object: { type: 'policy', id: policyId, appId },
        principal,
        type: 'policy.drafted',
        at: now,
        data: { rules: JSON.parse(rules), version: number },
      })
      await trx
        .insertInto('policy')
        .values({ id: policyId, app_id: appId, number, state: 'draft', rules, created_at: now, ...step.head })
        .execute()
      await append(trx, step)
    },
  )
  return { ...(await getPolicy(services, principal, { policyId: id })), replayed }
}
