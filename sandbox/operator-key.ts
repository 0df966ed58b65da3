import { randomUUID } from 'node:crypto'
import { connect } from '../db/connect.ts'
import { transaction } from '../db/transaction.ts'
import { insertApiKey } from '../server/domain/api-keys/insert-api-key.ts'
import { secretHash } from '../server/domain/api-keys/secret.ts'

/** Makes the sandbox's well-known operator key, once per database. */
export async function ensureOperatorKey(databaseUrl: string, secret: string): Promise<void> {
  await using connection = connect(databaseUrl, { maxConnections: 2 })
  await transaction(
    connection.db,
    async (trx) => {
      const known = await trx
        .selectFrom('api_key')
        .select('id')
        .where('hash', '=', secretHash(secret))
        .executeTakeFirst()
      if (known) return
      const key = {
        id: randomUUID(),
        appId: null,
        name: 'sandbox operator',
        secret,
        createdAt: new Date(),
        scopes: null,
        expiresAt: null,
      }
      await insertApiKey(trx, { kind: 'system', name: 'sandbox' }, key)
    },
    { idempotent: true },
  )
}
