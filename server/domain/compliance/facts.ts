import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Rule } from '../../contract/policies.ts'
import type { FindListed } from '../lists/find-listed.ts'
import { isValid } from '../lists/period.ts'
import { policyOf } from '../policies/policy-of.ts'
import { metersOf } from './meters.ts'
import { type Facts, type Question, type Standing, subjectsOf, type Usage } from './question.ts'
import type { MeterState, ReadMeter } from './read-meters.ts'
import type { Standings } from './standing.ts'
import { usageOf } from './usage.ts'

/** Facts, with the meters that usage was read from. */
export type FactsRead = Facts & { meters: ReadonlyMap<string, MeterState> }

/**
 * Reads what the rules need to know about a question in an app. Who has read the version of its rules since the question came up gives
 * it, so that it is not read again.
 */
export type ReadFacts = (appId: string, question: Question, versionRead?: bigint) => Promise<FactsRead>

export interface FactSources {
  db: Kysely<Database>
  findListed: FindListed
  standings: Standings
  readMeter: ReadMeter
}

const nothingKnown: Standing = { kyc: [], jurisdiction: null, unanswered: false }

/**
 * What was read last is the policy: it is at least as new as the version that a decision is held to, and a decision on something
 * newer is not held, but made again.
 */
export function factsReader({ db, findListed, standings, readMeter }: FactSources): ReadFacts {
  const policyAt = policyReader(db)

  return async (appId, question, versionRead) => {
    const subjects = Object.values(subjectsOf(question)).flat()
    const { rulesVersion, listed } = await findListed({ appId, subjects, rulesVersion: versionRead })
    const policy = await policyAt(appId, rulesVersion)
    const parties = new Set(policy.rules.flatMap((rule) => ('level' in rule || 'blocked' in rule ? rule.parties : [])))
    const standingOf = (party: 'payer' | 'recipient') =>
      parties.has(party) ? standings.of(question.parties[party]) : nothingKnown
    const wanted = metersOf(policy.rules, question)
    const [payer, recipient, ...states] = await Promise.all([
      standingOf('payer'),
      standingOf('recipient'),
      ...wanted.map(({ key }) => readMeter({ appId, key })),
    ])
    const meters = new Map<string, MeterState>()
    const usage = new Map<string, Usage>()
    for (const [index, { key, windowSeconds }] of wanted.entries()) {
      const state = states[index] ?? { version: 0n, buckets: [] }
      meters.set(key, state)
      usage.set(key, usageOf(state.buckets, windowSeconds, question.at))
    }
    const counting = listed.filter((entry) => isValid(entry, question.at))
    return { rulesVersion, policy, listed: counting, standing: { payer, recipient }, usage, meters }
  }
}

type PolicyInForce = Facts['policy']

const none: PolicyInForce = { id: null, version: 0, rules: [] satisfies Rule[] }

/** Apps whose policy is kept at a time. */
const MOST = 10_000

/** Keeps each app's policy for as long as its rules have the version that it was read after. */
function policyReader(db: Kysely<Database>) {
  const kept = new Map<string, { rulesVersion: bigint; policy: Promise<PolicyInForce> }>()

  async function read(appId: string): Promise<PolicyInForce> {
    const row = await atomically(
      db,
      (one) =>
        one
          .selectFrom('policy')
          .select(['id', 'number', 'state', 'rules', 'created_at', 'published_at'])
          .where('app_id', '=', appId)
          .where('state', '=', 'published')
          .executeTakeFirst(),
      reading,
    )
    if (!row) return none
    const { id, version, rules } = policyOf(row)
    return { id, version, rules }
  }

  return (appId: string, rulesVersion: bigint): Promise<PolicyInForce> => {
    const known = kept.get(appId)
    if (known?.rulesVersion === rulesVersion) return known.policy
    const policy = read(appId)
    if (kept.size >= MOST) kept.delete(kept.keys().next().value!)
    kept.set(appId, { rulesVersion, policy })
    policy.catch(() => {
      if (kept.get(appId)?.policy === policy) kept.delete(appId)
    })
    return policy
  }
}
