import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Buckets } from './usage.ts'

/** A meter as it stands. `version` 0: nothing was counted yet. */
export interface MeterState {
  version: bigint
  buckets: Buckets
}

/** Which meter of which app. */
export interface MeterQuestion {
  appId: string
  key: string
}

export type ReadMeter = (question: MeterQuestion) => Promise<MeterState | undefined>

/** Reads meters, one statement for all that are asked for at a time. */
export const meterReader = (db: Kysely<Database>): ReadMeter =>
  coalesce(async (questions: MeterQuestion[]) => {
    const { rows } = await atomically(
      db,
      (one) =>
        sql<MeterState & { n: number }>`/* prepared: read-meters */
          select q.n, meter.version, meter.buckets
          from unnest(${questions.map((_, n) => n)}::int4[], ${questions.map(({ appId }) => appId)}::uuid[],
              ${questions.map(({ key }) => key)}::text[]) as q (n, app_id, key)
          join meter on meter.app_id = q.app_id and meter.key = q.key`.execute(one),
      reading,
    )
    return new Map(rows.map(({ n, ...state }) => [questions[n]!, state]))
  })
