import { transaction } from '../../../db/transaction.ts'
import type { ApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { append, nextStep } from '../audit/trail.ts'
import { notFound } from '../domain-error.ts'
import { PLATFORM, type Principal } from '../principal.ts'
import { apiKeyColumns, apiKeyOf } from './api-key-of.ts'

/**
 * Ends a key at once. Revoking a revoked key answers with it.
 *
 * @throws NOT_FOUND
 */
export function revokeApiKey(services: Services, principal: Principal, { keyId }: { keyId: string }): Promise<ApiKey> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await trx
        .selectFrom('api_key')
        .select([...apiKeyColumns, 'version', 'audit_head'])
        .where('id', '=', keyId)
        .executeTakeFirst()
      if (!row) throw notFound('API key')
      if (row.revoked_at) return apiKeyOf(row)
      const now = services.clock.now()
      const step = nextStep(row, {
        object: { type: 'api_key', id: keyId, appId: row.app_id ?? PLATFORM },
        principal,
        type: 'api_key.revoked',
        at: now,
        data: { prefix: row.prefix },
      })
      await trx
        .updateTable('api_key')
        .set({ revoked_at: now, ...step.head })
        .where('id', '=', keyId)
        .execute()
      await append(trx, step)
      return apiKeyOf({ ...row, revoked_at: now })
    },
    { idempotent: true },
  )
}
