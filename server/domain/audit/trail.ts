import { hash as digest } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Kysely } from 'kysely'
import type { Database, NewAudit, NewEvent } from '../../../db/schema.ts'
import type { EercOperation } from '../../contract/eerc.ts'
import type { Payment } from '../../contract/entities.ts'
import type { EventType, ObjectType } from '../../contract/events.ts'
import { actorOf, type Principal } from '../principal.ts'

/** Where an object's trail stands: the columns `version` and `audit_head` of its row. */
export interface TrailHead {
  version: bigint
  audit_head: Buffer
}

/** The head of an object that has no leaf yet. */
export const emptyTrail: TrailHead = { version: 0n, audit_head: Buffer.alloc(32) }

/** One state change: who did what to which object, and the facts of it. */
export interface Change {
  object: { type: ObjectType; id: string; appId: string }
  principal: Principal
  type: EventType
  at: Date
  /** The facts, as the leaf has them. JSON values only: amounts in decimal, times in ISO 8601. */
  data: Record<string, unknown>
  /** The object as the API shows it from then on, which the event tells in place of the facts. */
  snapshot?: Payment | EercOperation
}

/** The next leaf and event of an object, to be written in the commit that changes it, and the head its row then carries. */
export interface TrailStep {
  head: TrailHead
  audit: NewAudit
  event: NewEvent
}

/** The hash of a leaf: SHA-256 of a zero byte (RFC 6962's mark of a leaf) and its canonical bytes. */
export const leafHash = (body: Uint8Array): Buffer => digest('sha256', Buffer.concat([leafMark, body]), 'buffer')
const leafMark = Buffer.of(0)

/** Chains a change to the head of its object's trail. Pure: writes nothing. */
export function nextStep(head: TrailHead, change: Change): TrailStep {
  const { object, principal, type, at, data, snapshot } = change
  const sequence = head.version + 1n
  const body = Buffer.from(
    canonicalize({
      action: type,
      actor: actorOf(principal),
      app: object.appId,
      at: at.toISOString(),
      data,
      object: object.id,
      previous: head.audit_head.toString('hex'),
      sequence: Number(sequence),
      type: object.type,
      v: 1,
    })!,
  )
  const hash = leafHash(body)
  return {
    head: { version: sequence, audit_head: hash },
    audit: { stream: object.id, sequence, app_id: object.appId, body, hash },
    event: {
      object_id: object.id,
      sequence,
      object_type: object.type,
      app_id: object.appId,
      type,
      data: JSON.stringify(snapshot ?? data, inDecimal),
      created_at: at,
    },
  }
}

const inDecimal = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

/** Writes a step's audit leaf and event. Call it in the transaction that changes the object. */
export async function append(trx: Kysely<Database>, step: TrailStep): Promise<void> {
  await trx.insertInto('audit').values(step.audit).execute()
  await trx.insertInto('event').values(step.event).execute()
}
