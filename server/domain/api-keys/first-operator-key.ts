import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import { insertApiKey } from './insert-api-key.ts'

/**
 * Makes the first key of the platform's operators, with a secret that the environment gives. Does nothing once there is any, or
 * was: a key that was revoked does not come back because its variable was left in place.
 */
export const makeFirstOperatorKey = (
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  secret: string,
): Promise<{ made: boolean }> =>
  transaction(
    db,
    async (trx) => {
      const any = await trx.selectFrom('api_key').select('id').where('app_id', 'is', null).limit(1).executeTakeFirst()
      if (any) return { made: false }
      await insertApiKey(
        trx,
        { kind: 'system', name: 'environment' },
        {
          id: randomUUID(),
          appId: null,
          name: 'first operator',
          secret,
          scopes: null,
          createdAt: clock.now(),
          expiresAt: null,
        },
      )
      return { made: true }
    },
    // instances that start at once all try: the others find the key of the first
    { idempotent: true, retryOn: (error) => (error as { code?: string }).code === '23505' },
  )
