import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database } from '../../../../db/schema.ts'
import { transaction } from '../../../../db/transaction.ts'
import { auditKey, publicKeysOf } from '../../../../server/domain/audit/keys.ts'
import { sealLeaves } from '../../../../server/domain/audit/seal-leaves.ts'
import { append, emptyTrail, nextStep, type TrailHead } from '../../../../server/domain/audit/trail.ts'

export const key = auditKey('test', Buffer.alloc(32, 7))
export const publicKeys = publicKeysOf([key])

/** Seals as the sealer does, whatever waits. */
export const seal = (db: Kysely<Database>, now = new Date()) => sealLeaves(db, { key, publicKeys, now })

/** An object with a trail of so many leaves, written as the service writes them: an app, for that takes nothing else. */
export async function writeTrail(
  db: Kysely<Database>,
  leaves: number,
  appId: string = randomUUID(),
  at = new Date(),
): Promise<string> {
  const id = randomUUID()
  await transaction(db, async (trx) => {
    let head = emptyTrail
    for (let n = 0; n < leaves; n++) head = await writeLeaf(trx, { id, appId, head, n, at })
    await trx
      .insertInto('app')
      .values({ id, name: 'an app', created_at: new Date(), ...head })
      .execute()
  })
  return id
}

async function writeLeaf(
  trx: Kysely<Database>,
  { id, appId, head, n, at }: { id: string; appId: string; head: TrailHead; n: number; at: Date },
): Promise<TrailHead> {
  const step = nextStep(head, {
    object: { type: 'app', id, appId },
    principal: { kind: 'system', name: 'test' },
    type: n === 0 ? 'app.created' : 'app.updated',
    at,
    data: { n, amount: String(n * 1000), name: 'Ünïcode, "quoted"', reason: n === 1 ? '=1+1' : 'a, "b"' },
  })
  await append(trx, step)
  return step.head
}
