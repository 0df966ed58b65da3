import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { emptyTrail, nextStep, type TrailStep } from '../../../server/domain/audit/trail.ts'

const LEAVES = 4
const LOT = 2_000

/**
 * Writes so many leaves of new objects, four of each, of the size of a payment's. They are written past the service, for speed, by
 * the same code that chains every leaf; the objects are apps, which take nothing else.
 */
export async function writeRecords(pool: Pool, appId: string, count: number): Promise<void> {
  for (let written = 0; written < count; ) {
    const trails = Array.from({ length: Math.min(LOT, Math.ceil((count - written) / LEAVES)) }, () => trailOf(appId))
    const steps = trails.flat()
    const leaf = <T>(of: (audit: TrailStep['audit']) => T) => steps.map(({ audit }) => of(audit))
    const last = <T>(of: (step: TrailStep) => T) => trails.map((trail) => of(trail.at(-1)!))
    await pool.query(
      `insert into audit (stream, sequence, app_id, body, hash)
      select stream, sequence, app_id, body, hash
      from unnest($1::uuid[], $2::int8[], $3::uuid[], $4::bytea[], $5::bytea[]) as q (stream, sequence, app_id, body, hash)`,
      [
        leaf(({ stream }) => stream),
        leaf(({ sequence }) => String(sequence)),
        leaf(({ app_id }) => app_id),
        leaf(({ body }) => body),
        leaf(({ hash }) => hash),
      ],
    )
    await pool.query(
      `insert into app (id, name, created_at, version, audit_head)
      select id, 'bench', now(), version, head from unnest($1::uuid[], $2::int8[], $3::bytea[]) as q (id, version, head)`,
      [
        last(({ audit }) => audit.stream),
        last(({ head }) => String(head.version)),
        last(({ head }) => head.audit_head),
      ],
    )
    written += steps.length
  }
}

function trailOf(appId: string): TrailStep[] {
  const id = randomUUID()
  const [asset, paywall, wallet, transaction] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  let head = emptyTrail
  return Array.from({ length: LEAVES }, (_, n) => {
    const step = nextStep(head, {
      object: { type: 'app', id, appId },
      principal: { kind: 'system', name: 'bench' },
      type: n === 0 ? 'app.created' : 'app.updated',
      at: new Date(),
      data: {
        amount: '1500000',
        asset,
        chain: 'eip155:43113',
        decision: randomUUID(),
        payer: `0x${'a1'.repeat(20)}`,
        paywall,
        recipient: `0x${'b2'.repeat(20)}`,
        state: 'accepted',
        transaction,
        wallet,
      },
    })
    head = step.head
    return step
  })
}
