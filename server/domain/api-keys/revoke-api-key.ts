import { transaction } from '../../../db/transaction.ts'
import type { ApiKey } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import type { Principal } from '../principal.ts'
import { apiKeyOf } from './api-key-of.ts'
import { apiKeyToChange, endApiKey } from './change-api-key.ts'

/**
 * Ends a key at once. Revoking a revoked key answers with it.
 *
 * @throws NOT_FOUND
 */
export function revokeApiKey(
  services: Pick<Services, 'db' | 'clock'>,
  principal: Principal,
  { keyId }: { keyId: string },
): Promise<ApiKey> {
  return transaction(
    services.db,
    async (trx) => {
      const row = await apiKeyToChange(trx, principal, keyId)
      if (row.revoked_at) return apiKeyOf(row)
      const now = services.clock.now()
      const data = { prefix: row.prefix }
      return endApiKey(trx, row, { revokedAt: now }, { principal, type: 'api_key.revoked', at: now, data })
    },
    { idempotent: true },
  )
}
