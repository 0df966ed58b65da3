import { type Kysely, sql } from 'kysely'
import type { Address, Hash, Hex } from 'viem'
import type { Database, SignerAttemptRow, SignerLaneRow, SignerSendRow } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Call } from '../wallet-provider.ts'
import type { Fees } from './gas-policy.ts'
import type { LaneReceipt } from './lane-node.ts'
import type { Signed } from './signing-key.ts'

/** A transaction that was signed for a send. */
export interface Attempt extends Signed, Fees {
  number: number
  kind: 'send' | 'cancel'
  signedAt: Date
}

/** A send that no block has settled, with everything that was signed for it; the last is what should land. */
export interface OpenSend {
  id: string
  nonce: bigint
  call: Call
  gas: bigint
  isWithdrawn: boolean
  attempts: Attempt[]
}

/** A send that gets its nonce. */
export interface NewSend {
  id: string
  nonce: bigint
  call: Call
  gas: bigint
  attempt: Omit<Attempt, 'number' | 'kind' | 'signedAt'>
}

const idempotent = { idempotent: true }
const withdrawable = sql<boolean>`state in ('open', 'withdrawn')` // as the index has it, or it would not be used

/** Sends by their ids, whatever their lane. */
export const findSends = (db: Kysely<Database>, ids: readonly string[]): Promise<SignerSendRow[]> =>
  atomically(db, (one) => one.selectFrom('signer_send').select(sendColumns).where('id', 'in', ids).execute(), reading)

/** The rows of one lane. */
export function laneRows(db: Kysely<Database>, chainId: number, address: Address) {
  const chain_id = BigInt(chainId)
  const sends = (one: Kysely<Database>) =>
    one.selectFrom('signer_send').where('chain_id', '=', chain_id).where('address', '=', address)

  return {
    lane: (): Promise<Pick<SignerLaneRow, 'next_nonce' | 'halted_because'> | undefined> =>
      atomically(
        db,
        (one) =>
          one
            .selectFrom('signer_lane')
            .select(['next_nonce', 'halted_because'])
            .where('chain_id', '=', chain_id)
            .where('address', '=', address)
            .executeTakeFirst(),
        reading,
      ),

    /** Begins the lane at this nonce, unless it has begun. */
    async begin(next_nonce: bigint, created_at: Date): Promise<void> {
      await atomically(
        db,
        (one) =>
          one
            .insertInto('signer_lane')
            .values({ chain_id, address, next_nonce, created_at })
            .onConflict((conflict) => conflict.columns(['chain_id', 'address']).doNothing())
            .execute(),
        idempotent,
      )
    },

    async countOpen(): Promise<number> {
      const { open } = await atomically(
        db,
        (one) =>
          sends(one)
            .where(withdrawable)
            .select(({ fn }) => fn.countAll<bigint>().as('open'))
            .executeTakeFirstOrThrow(),
        reading,
      )
      return Number(open)
    },

    /** The open sends with the lowest nonces. */
    async open(limit: number): Promise<OpenSend[]> {
      const rows = await atomically(
        db,
        (one) => sends(one).where(withdrawable).select(sendColumns).orderBy('nonce').limit(limit).execute(),
        reading,
      )
      if (rows.length === 0) return []
      const ids = rows.map(({ id }) => id)
      const attempts = await atomically(
        db,
        (one) =>
          one
            .selectFrom('signer_attempt')
            .select(attemptColumns)
            .where('send_id', 'in', ids)
            .orderBy('send_id')
            .orderBy('number')
            .execute(),
        reading,
      )
      const bySend = Map.groupBy(attempts, ({ send_id }) => send_id)
      return rows.map((row) => ({
        id: row.id,
        nonce: row.nonce,
        call: callOf(row),
        gas: row.gas,
        isWithdrawn: row.state === 'withdrawn',
        attempts: (bySend.get(row.id) ?? []).map(attemptOf),
      }))
    },

    /**
     * Gives out the lane's next nonces, and stores what was signed with them, all or nothing. False: somebody else was first, or the lane
     * was halted, and nothing was written.
     */
    async reserve(from: bigint, given: readonly NewSend[], now: Date): Promise<boolean> {
      const list = <T>(value: (send: NewSend) => T) => given.map(value)
      const { rows } = await atomically(
        db,
        (one) =>
          sql<{ next_nonce: bigint }>`
            with lane as (
              update signer_lane set next_nonce = ${from + BigInt(given.length)}::int8
              where chain_id = ${chain_id}::int8 and address = ${address}::text and next_nonce = ${from}::int8
                and halted_because is null
              returning next_nonce
            ), given as (
              insert into signer_send (id, chain_id, address, nonce, target, value, data, gas, state, created_at)
              select id, ${chain_id}::int8, ${address}::text, nonce, target, value, data, gas, 'open', ${now}::timestamptz
              from unnest(${list((s) => s.id)}::uuid[], ${list((s) => s.nonce)}::int8[], ${list((s) => s.call.to)}::text[],
                ${list((s) => s.call.value)}::numeric[], ${list((s) => s.call.data)}::text[], ${list((s) => s.gas)}::int8[])
                as send (id, nonce, target, value, data, gas)
              where exists (select 1 from lane)
            ), signed as (
              insert into signer_attempt (send_id, number, kind, hash, raw, fee_cap, tip, signed_at)
              select send_id, 1, 'send', hash, raw, fee_cap, tip, ${now}::timestamptz
              from unnest(${list((s) => s.id)}::uuid[], ${list((s) => s.attempt.hash)}::text[],
                ${list((s) => s.attempt.raw)}::text[], ${list((s) => s.attempt.feeCap)}::numeric[],
                ${list((s) => s.attempt.tip)}::numeric[]) as attempt (send_id, hash, raw, fee_cap, tip)
              where exists (select 1 from lane)
            )
            select next_nonce from lane`.execute(one),
        // done twice it finds the nonces gone
        idempotent,
      )
      return rows.length > 0
    },

    /** Stores one more transaction for an open send. False: somebody else has stored one. */
    async attempt(send: OpenSend, attempt: Attempt): Promise<boolean> {
      const stored = await atomically(
        db,
        (one) =>
          one
            .insertInto('signer_attempt')
            .values({
              send_id: send.id,
              number: attempt.number,
              kind: attempt.kind,
              hash: attempt.hash,
              raw: attempt.raw,
              fee_cap: attempt.feeCap,
              tip: attempt.tip,
              signed_at: attempt.signedAt,
            })
            .onConflict((conflict) => conflict.columns(['send_id', 'number']).doNothing())
            .returning('number')
            .executeTakeFirst(),
        idempotent,
      )
      return stored !== undefined
    },

    /** From now on its nonce is to be used up without any effect. */
    async withdraw(id: string, reason: string, message: string): Promise<void> {
      await atomically(
        db,
        (one) =>
          one
            .updateTable('signer_send')
            .set({ state: 'withdrawn', failure_reason: reason, failure_message: message })
            .where('id', '=', id)
            .where('state', '=', 'open')
            .execute(),
        idempotent,
      )
    },

    /** Writes down what the chain says became of open sends. Answers with the ids of those that were still open. */
    async settle(
      settled: readonly { send: OpenSend; by: Attempt; receipt: LaneReceipt }[],
      now: Date,
    ): Promise<string[]> {
      if (settled.length === 0) return []
      const states = settled.map(({ by, receipt }) =>
        by.kind === 'cancel' ? 'cancelled' : receipt.succeeded ? 'mined' : 'reverted',
      )
      const { rows } = await atomically(
        db,
        (one) =>
          sql<{ id: string }>`
            update signer_send set state = settled.state, transaction_hash = settled.hash, block_number = settled.block,
              settled_at = ${now}::timestamptz
            from unnest(${settled.map(({ send }) => send.id)}::uuid[], ${states}::text[],
              ${settled.map(({ by }) => by.hash)}::text[], ${settled.map(({ receipt }) => receipt.blockNumber)}::int8[])
              as settled (id, state, hash, block)
            where signer_send.id = settled.id and signer_send.state in ('open', 'withdrawn')
            returning signer_send.id`.execute(one),
        idempotent,
      )
      return rows.map(({ id }) => id)
    },

    /** What the chain had settled and no longer has, from this nonce on; null where it has all of it. */
    async forgotten(count: bigint): Promise<{ sends: number; lowestBlock: bigint; highestBlock: bigint } | null> {
      const row = await atomically(
        db,
        (one) =>
          sends(one)
            .where('nonce', '>=', count)
            .where('state', 'in', ['mined', 'reverted', 'cancelled'])
            .select(({ fn }) => [
              fn.countAll<bigint>().as('sends'),
              fn.min('block_number').as('lowest'),
              fn.max('block_number').as('highest'),
            ])
            .executeTakeFirstOrThrow(),
        reading,
      )
      if (row.sends === 0n || row.lowest === null || row.highest === null) return null
      return { sends: Number(row.sends), lowestBlock: BigInt(row.lowest), highestBlock: BigInt(row.highest) }
    },

    /** Opens what the chain has forgotten: the same bytes are due again. */
    async reopen(count: bigint): Promise<void> {
      await atomically(
        db,
        (one) =>
          one
            .updateTable('signer_send')
            .set(({ eb }) => ({
              // what was withdrawn stays so
              state: eb
                .case()
                .when('failure_reason', 'is', null)
                .then('open' as const)
                .else('withdrawn' as const)
                .end(),
              transaction_hash: null,
              block_number: null,
              settled_at: null,
            }))
            .where('chain_id', '=', chain_id)
            .where('address', '=', address)
            .where('nonce', '>=', count)
            .where('state', 'in', ['mined', 'reverted', 'cancelled'])
            .execute(),
        idempotent,
      )
    },

    /** Gives out no more nonces, for this reason, until a person says otherwise. True: it was not halted before. */
    async halt(because: string, now: Date): Promise<boolean> {
      const halted = await atomically(
        db,
        (one) =>
          one
            .updateTable('signer_lane')
            .set({ halted_because: because, halted_at: now })
            .where('chain_id', '=', chain_id)
            .where('address', '=', address)
            .where('halted_because', 'is', null)
            .returning('next_nonce')
            .executeTakeFirst(),
        idempotent,
      )
      return halted !== undefined
    },

    /** Goes on after a halt: sends whose nonces others have used are given up, and the next nonce is one that nobody has used. */
    async resume(count: bigint, taken: readonly string[], now: Date): Promise<void> {
      if (taken.length > 0)
        await atomically(
          db,
          (one) =>
            one
              .updateTable('signer_send')
              .set({
                state: 'taken',
                failure_reason: 'nonce_used_elsewhere',
                failure_message: 'Somebody else has used the key: another transaction has this nonce.',
                settled_at: now,
              })
              .where('id', 'in', taken)
              .where(withdrawable)
              .execute(),
          idempotent,
        )
      await atomically(
        db,
        (one) =>
          one
            .updateTable('signer_lane')
            .set(({ fn, val }) => ({
              next_nonce: fn<bigint>('greatest', ['next_nonce', val(count)]),
              halted_because: null,
              halted_at: null,
            }))
            .where('chain_id', '=', chain_id)
            .where('address', '=', address)
            .execute(),
        idempotent,
      )
    },
  }
}

export type LaneRows = ReturnType<typeof laneRows>

const sendColumns = [
  'id',
  'chain_id',
  'address',
  'nonce',
  'target',
  'value',
  'data',
  'gas',
  'state',
  'transaction_hash',
  'block_number',
  'failure_reason',
  'failure_message',
  'created_at',
  'settled_at',
] as const

const attemptColumns = ['send_id', 'number', 'kind', 'hash', 'raw', 'fee_cap', 'tip', 'signed_at'] as const

export const callOf = ({ target, value, data }: SignerSendRow): Call => ({
  to: target as Address,
  value: BigInt(value),
  data: data as Hex,
})

const attemptOf = ({ number, kind, hash, raw, fee_cap, tip, signed_at }: SignerAttemptRow): Attempt => ({
  number,
  kind,
  hash: hash as Hash,
  raw: raw as Hex,
  feeCap: BigInt(fee_cap),
  tip: BigInt(tip),
  signedAt: signed_at,
})
