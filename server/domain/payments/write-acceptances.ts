import type { Kysely } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import { codeOf } from '../../../db/retry.ts'
import type { Database } from '../../../db/schema.ts'
import { meterReader } from '../compliance/read-meters.ts'
import type { Acceptance } from './acceptance.ts'
import { countedWriter } from './write-counted.ts'
import { writeTogether } from './write-together.ts'

/** Writes an acceptance. False, and nothing written: what it rests on has changed, or its key was used meanwhile. */
export type WriteAcceptance = (acceptance: Acceptance) => Promise<boolean>

type Written = { accepted: boolean } | { error: unknown }

type WriteGroup = (acceptances: readonly Acceptance[]) => Promise<Set<string>>

/** Commits that may be under way at a time: enough to hide the database's latency, few enough that each carries several. */
const COMMITS = 2

/**
 * Writes acceptances: idempotency row, decision, queued transaction, payment, audit leaf and event of each, in one statement and
 * one commit for all that come at a time. They do not depend on each other: one whose conditions do not hold leaves the others as
 * they are, and if the data of one is refused, each is written by itself.
 *
 * Those that are paid by an authorization go by themselves: of two that show the same one, the database refuses the second.
 *
 * Those that are counted in a meter, or held for a review, go by themselves, one commit after the other: what one has counted, the
 * next must know.
 */
export function acceptanceWriter(db: Kysely<Database>): WriteAcceptance {
  const write = inGroups(async (acceptances) => (await writeTogether(db, acceptances, null)).made, COMMITS)
  const writeAuthorized = inGroups(async (acceptances) => (await writeTogether(db, acceptances, null)).made, COMMITS)
  const writeCounted = inGroups(
    countedWriter((count) => writeTogether(db, count.acceptances, count), meterReader(db)),
    1,
  )

  return async (acceptance) => {
    const isPlain = acceptance.meters.length === 0 && acceptance.review === null
    const writer = isPlain ? (acceptance.authorization ? writeAuthorized : write) : writeCounted
    const written = (await writer(acceptance))!
    if ('error' in written) throw written.error
    return written.accepted
  }
}

const inGroups = (writeGroup: WriteGroup, commits: number) =>
  coalesce(async (acceptances: Acceptance[]): Promise<Map<Acceptance, Written>> => {
    try {
      const accepted = await writeGroup(acceptances)
      return new Map(acceptances.map((acceptance) => [acceptance, { accepted: accepted.has(acceptance.id) }]))
    } catch (error) {
      if (acceptances.length === 1 || !/^2[23]/.test(codeOf(error))) throw error
      const alone = new Map<Acceptance, Written>()
      for (const acceptance of acceptances)
        alone.set(
          acceptance,
          await writeGroup([acceptance]).then(
            ({ size }) => ({ accepted: size > 0 }),
            (its) => ({ error: its }),
          ),
        )
      return alone
    }
  }, commits)
