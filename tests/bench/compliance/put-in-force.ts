import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { draftPolicy } from '../../../server/domain/policies/draft-policy.ts'
import { publishPolicy } from '../../../server/domain/policies/publish-policy.ts'
import type { AppKeyPrincipal } from '../../../server/domain/principal.ts'
import type { Services } from '../../../server/services.ts'

/** The server of an app. */
export const serverOf = (appId: string): AppKeyPrincipal => ({
  kind: 'service',
  keyId: randomUUID(),
  appId,
  scopes: null,
})

/** Gives an app a policy, as its publication does; only that nobody is asked to approve it. */
export async function putInForce(services: Services, appId: string, rules: Rule[]): Promise<void> {
  const by = serverOf(appId)
  const { id: policyId } = await draftPolicy(services, by, { rules, idempotencyKey: randomUUID() })
  const asked = { approvalId: randomUUID(), appId, action: { type: 'policy.publish' as const, policyId } }
  await transaction(services.db, (trx) => publishPolicy(trx, services, by, asked))
}
