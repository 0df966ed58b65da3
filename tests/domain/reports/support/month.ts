import { randomUUID } from 'node:crypto'
import type { Insertable, Kysely } from 'kysely'
import type { Database } from '../../../../db/schema.ts'
import { transaction } from '../../../../db/transaction.ts'
import type { Check } from '../../../../server/contract/entities.ts'
import type { EventType, ObjectType } from '../../../../server/contract/events.ts'
import { append, emptyTrail, nextStep, type TrailHead } from '../../../../server/domain/audit/trail.ts'
import type { Principal } from '../../../../server/domain/principal.ts'

export const from = new Date('2026-10-01T00:00:00Z')
export const to = new Date('2026-11-01T00:00:00Z')
/** A moment of the month: day, hour, minute. Days before 1 and after 31 are of other months. */
export const at = (day: number, hour = 12, minute = 0, second = 0) =>
  new Date(Date.UTC(2026, 9, day, hour, minute, second))

/** A random number generator that repeats itself. */
export function random(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    below: (most: number) => Math.floor(next() * most),
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
  }
}

const payer = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const recipient = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

export interface SeededDecision {
  id: string
  appId: string
  at: Date
  outcome: 'allow' | 'review' | 'deny'
  policyVersion: number
  checks: Check[]
  amount: bigint
  asset: number
}

export interface SeededPayment {
  decision: SeededDecision
  id: string
  jurisdiction: string | null
  settledAt: Date | null
}

export interface SeededReview {
  id: string
  openedAt: Date
  closedAt: Date | null
  state: 'open' | 'approved' | 'denied' | 'expired' | 'obsolete'
  by: string | null
}

export interface SeededLeaf {
  at: Date
  action: EventType
  actor: string
  object: string
  data: Record<string, unknown>
}

/** What was put into the tables, as it was meant: the numbers of a report are worked out from it a second time. */
export interface Month {
  appId: string
  assets: { id: string; chainId: bigint; symbol: string; decimals: number }[]
  decisions: SeededDecision[]
  payments: SeededPayment[]
  reviews: SeededReview[]
  leaves: SeededLeaf[]
}

const officer: Principal = {
  kind: 'user',
  userId: '0f1ce000-0000-4000-8000-000000000001',
  appId: '',
  sessionId: '',
  roles: ['officer'],
  scopes: null,
}
const operator: Principal = { ...officer, userId: '0e4a7000-0000-4000-8000-000000000002' }
const server: Principal = { kind: 'service', keyId: '5e4be400-0000-4000-8000-000000000003', appId: '', scopes: null }
const clockwork: Principal = { kind: 'system', name: 'clock' }

/** A reason that a spreadsheet would take for a formula, and a browser for markup. */
export const hostile = '=HYPERLINK("http://evil.test"),"<script>alert(1)</script>\'&'

/** Fills an app with what happened in a month, and shortly before and after it. */
export async function seedMonth(
  db: Kysely<Database>,
  { name = 'Payer & <Tiger>', seed = 7, decisions: count = 900 } = {},
): Promise<Month> {
  const dice = random(seed)
  const month: Month = {
    appId: randomUUID(),
    assets: [
      { id: randomUUID(), chainId: 43_113n, symbol: 'USDC', decimals: 6 },
      { id: randomUUID(), chainId: 8_453n, symbol: 'WETH', decimals: 18 },
    ],
    decisions: [],
    payments: [],
    reviews: [],
    leaves: [],
  }
  const { appId } = month
  await transaction(db, (trx) =>
    withTrail(
      trx,
      { type: 'app', action: 'app.created', id: appId, appId, by: server, at: at(-60), data: {} },
      (head) =>
        trx
          .insertInto('app')
          .values({ id: appId, name, created_at: at(-60), ...head })
          .execute(),
    ),
  )
  for (const { id, chainId, symbol, decimals } of month.assets)
    await db
      .insertInto('asset')
      .values({
        id,
        chain_id: chainId,
        address: `0x${id.replaceAll('-', '')}cafecafe`,
        symbol,
        decimals,
        created_at: at(-60),
        ...emptyTrail,
      })
      .execute()
  const [walletId, paywallId] = [randomUUID(), randomUUID()]
  await db
    .insertInto('wallet')
    .values({
      id: walletId,
      app_id: appId,
      kind: 'custodial',
      provider: 'crossmint',
      address: payer,
      owner: 'customer-1',
      user_id: null,
      chain_id: null,
      created_at: at(-60),
      ...emptyTrail,
    })
    .execute()
  await db
    .insertInto('paywall')
    .values({
      id: paywallId,
      app_id: appId,
      merchant_id: null,
      title: 'A',
      asset_id: month.assets[0]!.id,
      price: 1n,
      recipient,
      access_seconds: null,
      state: 'open',
      expires_at: null,
      created_at: at(-60),
      updated_at: at(-60),
      ...emptyTrail,
    })
    .execute()

  for (let n = 0; n < count; n++) {
    // some just before the month, some just after, some at its very edges
    const time =
      n === 0
        ? from
        : n === 1
          ? to
          : n === 2
            ? new Date(to.getTime() - 1)
            : n === 3
              ? new Date(from.getTime() - 1)
              : at(-2 + dice.below(36), dice.below(24), dice.below(60), dice.below(60))
    const place = dice.of(['DE', 'DE', 'DE', 'FR', 'GB', 'US', null])
    const decision: SeededDecision = {
      id: randomUUID(),
      appId,
      at: time,
      ...verdict(dice, place),
      policyVersion: time < at(15) ? 3 : 4,
      // cents of a dollar, and fractions of an ether that no float has exactly
      ...(dice.below(5) === 0
        ? { asset: 1, amount: BigInt(1 + dice.below(9_999)) * 10n ** 14n + BigInt(dice.below(1_000)) }
        : { asset: 0, amount: BigInt(1 + dice.below(40_000)) * 10_000n }),
    }
    month.decisions.push(decision)
    if (decision.outcome !== 'deny') {
      const settles = decision.outcome === 'allow' && dice.below(8) > 0
      month.payments.push({
        decision,
        id: randomUUID(),
        jurisdiction: place,
        settledAt: settles ? new Date(time.getTime() + 20_000 + dice.below(7_200_000)) : null,
      })
    }
  }
  await db
    .insertInto('decision')
    .values(
      month.decisions.map(
        (one): Insertable<Database['decision']> => ({
          id: one.id,
          app_id: appId,
          action: 'payment',
          outcome: one.outcome,
          subject: JSON.stringify({
            payer,
            recipient,
            wallet: walletId,
            asset: month.assets[one.asset]!.id,
            amount: String(one.amount),
          }),
          checks: JSON.stringify(one.checks),
          list_version: 12n,
          policy_id: null,
          policy_number: one.policyVersion,
          commitment: Buffer.alloc(32, 5),
          created_at: one.at,
        }),
      ),
    )
    .execute()
  for (const { id, decision, settledAt } of month.payments)
    await transaction(db, async (trx) => {
      const insert = (head: TrailHead) =>
        trx
          .insertInto('payment')
          .values({
            id,
            app_id: appId,
            paywall_id: paywallId,
            wallet_id: walletId,
            asset_id: month.assets[decision.asset]!.id,
            transaction_id: randomUUID(),
            decision_id: decision.id,
            payer,
            recipient,
            amount: decision.amount,
            state: settledAt ? 'settled' : 'accepted',
            settled_at: settledAt,
            created_at: decision.at,
            updated_at: decision.at,
            ...head,
          })
          .execute()
      const first = {
        type: 'payment',
        action: 'payment.accepted',
        id,
        appId,
        by: server,
        at: decision.at,
        data: {},
      } as const
      const head = await withTrail(trx, first, async () => {})
      const last = settledAt
        ? await withTrail(
            trx,
            { ...first, action: 'payment.settled', by: { kind: 'system', name: 'tracker' }, at: settledAt },
            async () => {},
            head,
          )
        : head
      await insert(last)
    })
  await seedReviews(db, month, dice)
  await seedLeaves(db, month)
  return month
}

const checkOf = (rule: string, outcome: Check['outcome'], code: string, patch: Partial<Check> = {}): Check => ({
  rule,
  outcome,
  code,
  message: `What ${rule} says`,
  list: null,
  evidence: null,
  remedy: outcome === 'allow' ? null : 'What would satisfy it',
  ...patch,
})

function verdict(dice: ReturnType<typeof random>, place: string | null): Pick<SeededDecision, 'outcome' | 'checks'> {
  const kind = dice.below(10)
  const where = place
    ? checkOf('jurisdiction', 'allow', 'JURISDICTION_ALLOWED', {
        evidence: `recipient in FR (eas:1), payer in ${place} (chainsettle:2)`,
      })
    : checkOf('jurisdiction', kind > 7 ? 'deny' : 'review', 'JURISDICTION_UNKNOWN', { message: hostile })
  const listed = checkOf('deny-list', 'deny', 'ADDRESS_ON_DENY_LIST', { list: 'fraud' })
  const large = checkOf('threshold', 'review', 'AMOUNT_ABOVE_THRESHOLD')
  if (kind > 7)
    return {
      outcome: 'deny',
      checks: kind === 8 ? [listed, where] : [listed, large, checkOf('kyc', 'deny', 'KYC_MISSING'), where],
    }
  if (place === null || kind === 7)
    return { outcome: 'review', checks: [checkOf('deny-list', 'allow', 'NOT_LISTED'), large, where] }
  return { outcome: 'allow', checks: [checkOf('deny-list', 'allow', 'NOT_LISTED'), where] }
}

async function seedReviews(db: Kysely<Database>, month: Month, dice: ReturnType<typeof random>): Promise<void> {
  const { appId } = month
  const held = month.payments.filter(({ decision }) => decision.outcome === 'review')
  for (const { id: payment, decision } of held) {
    const id = randomUUID()
    const state = dice.of(['open', 'approved', 'approved', 'denied', 'expired', 'obsolete'] as const)
    const hours = dice.of([0, 1, 3, 9, 30, 60])
    const closedAt =
      state === 'open'
        ? null
        : state === 'expired'
          ? new Date(decision.at.getTime() + 3 * 86_400_000)
          : new Date(decision.at.getTime() + hours * 3_600_000 + dice.below(3_500_000))
    const by = state === 'open' ? null : state === 'approved' || state === 'denied' ? officer : clockwork
    await transaction(db, async (trx) => {
      const first = {
        type: 'review',
        action: 'review.opened',
        id,
        appId,
        by: server,
        at: decision.at,
        data: {},
      } as const
      const opened = await withTrail(trx, first, async () => {})
      const head = closedAt
        ? await withTrail(
            trx,
            { ...first, action: `review.${state as 'approved'}`, by: by!, at: closedAt, data: { note: 'looked at' } },
            async () => {},
            opened,
          )
        : opened
      await trx
        .insertInto('review')
        .values({
          id,
          app_id: appId,
          payment_id: payment,
          decision_id: decision.id,
          requested_by: 'key:server',
          state,
          assigned_to: null,
          decided_by: null,
          note: null,
          created_at: decision.at,
          expires_at: new Date(decision.at.getTime() + 3 * 86_400_000),
          decided_at: null,
          shard: 0,
          next_attempt_at: null,
          attempts: 0,
          ...head,
        })
        .execute()
    })
    month.reviews.push({ id, openedAt: decision.at, closedAt, state, by: by ? nameOf(by) : null })
    if (closedAt && (state === 'approved' || state === 'denied'))
      month.leaves.push({
        at: closedAt,
        action: `review.${state}`,
        actor: nameOf(by!),
        object: id,
        data: { note: 'looked at' },
      })
  }
}

async function seedLeaves(db: Kysely<Database>, month: Month): Promise<void> {
  const [list, approval] = [randomUUID(), randomUUID()]
  const facts: [ObjectType, EventType, Principal, number, Record<string, unknown>][] = [
    ['list', 'list.created', officer, 0, { kind: 'deny', name: 'fraud', listVersion: '1' }],
    ['list', 'list.created', officer, 2, { kind: 'deny', name: 'scams', listVersion: '2' }],
    [
      'list',
      'list.import_staged',
      clockwork,
      3,
      { import: list, added: 7, removed: 2, changed: 1, name: 'scams', source: 'sdn.csv' },
    ],
    [
      'list',
      'list.published',
      operator,
      4,
      { import: list, added: 7, removed: 2, changed: 1, kind: 'deny', name: 'scams', source: 'sdn.csv', approval },
    ],
    ...Array.from({ length: 9 }, (_, n): [ObjectType, EventType, Principal, number, Record<string, unknown>] => [
      'list_entry',
      n % 3 === 2 ? 'list_entry.removed' : 'list_entry.added',
      officer,
      5 + 3 * n,
      {
        list: 'fraud',
        subject: payer,
        reason: n === 0 ? hostile : 'reported',
        kind: 'deny',
        source: 'app',
        listVersion: String(n),
      },
    ]),
    ['list_entry', 'list_entry.added', officer, 32, { list: 'fraud', subject: payer, reason: 'after the month' }],
    [
      'approval',
      'approval.requested',
      officer,
      6,
      { action: { type: 'policy.publish' }, reason: 'asked for by the regulator' },
    ],
    ['approval', 'approval.approved', operator, 7, { requestedBy: nameOf(officer), note: 'as agreed' }],
    ['policy', 'policy.published', operator, 7, { approval, version: 4 }],
    ['policy', 'policy.retired', operator, 7, { approval, version: 3 }],
    ['user', 'user.roles_changed', operator, 8, { approval, change: 'role.grant', role: 'auditor' }],
    ['api_key', 'api_key.created', operator, 9, { name: 'server', scopes: null }],
    ['api_key', 'api_key.revoked', operator, 31, { reason: '+1 was lost' }],
    // none of what a report calls privileged
    ['session', 'session.created', officer, 9, {}],
  ]
  for (const [type, action, by, day, data] of facts) {
    const id = randomUUID()
    await transaction(db, (trx) =>
      withTrail(trx, { type, action, id, appId: month.appId, by, at: at(day, 9, 30), data }, async () => {}),
    )
    month.leaves.push({ at: at(day, 9, 30), action, actor: nameOf(by), object: id, data })
  }
}

const nameOf = (by: Principal): string =>
  by.kind === 'user' ? `user:${by.userId}` : by.kind === 'service' ? `key:${by.keyId}` : `system:${by.name}`

interface Fact {
  type: ObjectType
  action: EventType
  id: string
  appId: string
  by: Principal
  at: Date
  data: Record<string, unknown>
}

async function withTrail(
  trx: Kysely<Database>,
  { type, action, id, appId, by, at, data }: Fact,
  write: (head: TrailHead) => Promise<unknown>,
  before = emptyTrail,
): Promise<TrailHead> {
  const step = nextStep(before, { object: { type, id, appId }, principal: by, type: action, at, data })
  await append(trx, step)
  await write(step.head)
  return step.head
}
