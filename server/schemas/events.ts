import * as z from 'zod'
import type { EercOperation } from '../contract/eerc.ts'
import type { Payment } from '../contract/entities.ts'
import type { EventPage, EventType, InJson, Json, ObjectType, ServiceEvent } from '../contract/events.ts'
import { parseEventId } from '../domain/events/event-of.ts'
import { eventTypes, objectTypes, typesNamed } from '../domain/events/types.ts'
import { reportKinds } from '../domain/reports/kinds.ts'
import { address, chain } from './common.ts'
import { eercOperationShape, eercTokenShape } from './eerc.ts'
import {
  approvalShape,
  checkShape,
  listKind,
  paymentShape,
  paywallShape,
  refusalShape,
  walletShape,
} from './entities.ts'
import { purchaseProblemShape, purchaseShape } from './purchases.ts'

/** An event as it goes out: as it was written, and not cut to what is written today. What is written is checked by the tests. */
export const event = z.object({
  id: z.string(),
  position: z.bigint(),
  appId: z.string(),
  type: z.string(),
  version: z.int(),
  objectType: z.string(),
  objectId: z.string(),
  sequence: z.bigint(),
  createdAt: z.date(),
  data: z.record(z.string(), z.unknown()),
}) as unknown as z.core.$ZodType<ServiceEvent, ServiceEvent>

export const eventPage: z.core.$ZodType<EventPage, EventPage> = z.object({
  items: z.array(event),
  nextCursor: z.string(),
  hasMore: z.boolean(),
})

export const eventId = z
  .string()
  .max(60)
  .refine((text) => parseEventId(text) !== null, { message: 'an id of an event is evt_ and what follows in the event' })

/** A place in the feed, as `nextCursor` names one. */
export const position = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a cursor of events: take "nextCursor" of the page before, or start without one')

export const objectType = z.enum(objectTypes)

/** Types of events by their names, or with `*` for a part of them. */
export const typeNames = z
  .array(
    z
      .string()
      .max(60)
      .refine((name) => typesNamed([name]).size > 0, {
        message: 'is no type of event, such as payment.settled, payment.*, *.attention or *',
      }),
  )
  .min(1)
  .max(50)

const text = z.string()
const maybe = text.nullable()
const decimal = z.string().regex(/^\d+$/)
const moment = z.iso.datetime()
const uuid = z.uuid()
const json: z.ZodType<Json, Json> = z.json()

const refusal = refusalShape.extend({ listVersion: decimal })
const snapshot = {
  blockNumber: decimal.nullable(),
  failure: z.object({ reason: text, message: text, refusal: refusal.nullable() }).nullable(),
  settledAt: moment.nullable(),
  createdAt: moment,
  updatedAt: moment,
}

export const paymentSnapshot: z.ZodType<InJson<Payment>, InJson<Payment>> = paymentShape
  .extend({ ...snapshot, amount: decimal })
  .strict()

const tokenAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('transfer'), from: address, to: address, amount: decimal }),
  z.strictObject({ type: z.literal('mint'), to: address, amount: decimal }),
  z.strictObject({ type: z.literal('burn'), from: address, amount: decimal }),
  z.strictObject({ type: z.literal('freeze'), holder: address, frozen: decimal }),
  z.strictObject({ type: z.literal('forced-transfer'), from: address, to: address, amount: decimal }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('unpause') }),
  z.strictObject({
    type: z.literal('allow'),
    holder: address,
    identity: z.strictObject({ contract: address, country: z.int() }).optional(),
  }),
  z.strictObject({ type: z.literal('disallow'), holder: address }),
])

export const operationSnapshot: z.ZodType<InJson<EercOperation>, InJson<EercOperation>> = eercOperationShape
  .extend({ ...snapshot, action: tokenAction })
  .strict()

/** An event about this kind of object, of one of these types, that says this. */
const told = <const Kind extends ObjectType, const Type extends EventType, Data extends z.ZodType>(
  kind: Kind,
  types: readonly Type[],
  data: Data,
) =>
  z.strictObject({
    id: z.string().regex(/^evt_[0-9a-f]{32}_\d+$/),
    position: z.bigint(),
    appId: uuid,
    type: z.enum(types),
    version: z.literal(1) as z.ZodType<number, number>,
    objectType: z.literal(kind),
    objectId: uuid,
    sequence: z.bigint(),
    createdAt: z.date(),
    data,
  })

const { action } = approvalShape.shape
const importFacts = {
  ...{ added: z.int(), removed: z.int(), changed: z.int(), unchanged: z.int() },
  ...{ hash: z.hex().length(64), name: text, source: text, import: uuid },
}
const reviewed = { decision: uuid, payment: uuid, requestedBy: text }
const held = { objectId: uuid, objectType: z.enum(['app', 'user', 'wallet', 'payment', 'report']) }
const signedFiles = { files: z.record(text, z.hex().length(64)), key: text, signature: text }
const { capabilities, kind, roles, standard } = eercTokenShape.shape

/** What every event says that is written today, to the letter. */
export const writtenEvent: z.ZodType<ServiceEvent, ServiceEvent> = z.discriminatedUnion('objectType', [
  told('app', eventTypes.app, z.strictObject({ name: text, origins: z.array(text) })),
  z.discriminatedUnion('type', [
    told(
      'api_key',
      ['api_key.created'],
      z.strictObject({ name: text, prefix: text, scopes: z.array(text).nullable(), expiresAt: moment.nullable() }),
    ),
    told('api_key', ['api_key.rotated'], z.strictObject({ prefix: text, replacement: uuid, expiresAt: moment })),
    told('api_key', ['api_key.revoked'], z.strictObject({ prefix: text })),
  ]),
  z.discriminatedUnion('type', [
    told('user', ['user.created'], z.strictObject({ address, roles: z.array(text) })),
    told(
      'user',
      ['user.roles_changed'],
      z.strictObject({ approval: uuid, change: z.enum(['granted', 'revoked']), role: text, roles: z.array(text) }),
    ),
  ]),
  z.discriminatedUnion('type', [
    told('session', ['session.created'], z.strictObject({ address, expiresAt: moment, user: uuid })),
    told('session', ['session.revoked'], z.strictObject({ user: uuid })),
  ]),
  z.discriminatedUnion('type', [
    told('approval', ['approval.requested'], z.strictObject({ action, expiresAt: moment, reason: text })),
    told(
      'approval',
      ['approval.approved', 'approval.rejected'],
      z.strictObject({ action, note: maybe, requestedBy: text }),
    ),
    told('approval', ['approval.expired'], z.strictObject({ action, requestedBy: text })),
  ]),
  told('asset', eventTypes.asset, z.strictObject({ chain, address, symbol: text, decimals: z.int() })),
  z.discriminatedUnion('type', [
    told(
      'wallet',
      ['wallet.created'],
      z.strictObject({
        address,
        kind: walletShape.shape.kind,
        owner: text,
        provider: text,
        user: uuid.nullable(),
        chain: decimal.optional(),
      }),
    ),
    told('wallet', ['wallet.linked'], z.strictObject({ address, user: uuid })),
  ]),
  told(
    'paywall',
    eventTypes.paywall,
    z.strictObject({
      accessSeconds: z.int().nullable(),
      asset: uuid,
      expiresAt: moment.nullable(),
      merchant: uuid.nullable(),
      price: decimal,
      recipient: address,
      state: paywallShape.shape.state,
      title: text,
    }),
  ),
  z.discriminatedUnion('type', [
    told('list', ['list.created'], z.strictObject({ kind: listKind, listVersion: decimal, name: text })),
    told(
      'list',
      ['list.import_staged'],
      z.strictObject({ ...importFacts, duplicates: z.int(), entries: z.int(), skipped: z.int() }),
    ),
    told(
      'list',
      ['list.import_discarded', 'list.import_expired'],
      z.strictObject({ approval: uuid.optional(), import: uuid, name: text }),
    ),
    told(
      'list',
      ['list.published'],
      z.strictObject({
        ...importFacts,
        approval: uuid,
        entries: z.int().nullable(),
        kind: listKind,
        listVersion: decimal,
      }),
    ),
  ]),
  z.discriminatedUnion('type', [
    told(
      'list_entry',
      ['list_entry.added'],
      z.strictObject({
        approval: uuid.optional(),
        kind: listKind,
        list: text,
        listVersion: decimal,
        reason: text,
        source: text,
        subject: text,
        validFrom: moment.nullable(),
        validUntil: moment.nullable(),
      }),
    ),
    told(
      'list_entry',
      ['list_entry.removed'],
      z.strictObject({
        list: text,
        listVersion: decimal,
        subject: text,
        reason: text.optional(),
        approval: uuid.optional(),
        replacedBy: uuid.optional(),
      }),
    ),
  ]),
  told(
    'decision',
    eventTypes.decision,
    z
      .object({
        action: text,
        checks: z.array(checkShape.strict()),
        listVersion: decimal,
        policyVersion: z.int(),
        payer: address,
        recipient: address,
        asset: uuid,
        amount: decimal,
        wallet: uuid,
      })
      .catchall(json),
  ),
  z.discriminatedUnion('type', [
    told(
      'policy',
      ['policy.drafted'],
      z.strictObject({ rules: z.array(z.object({ rule: text }).catchall(json)), version: z.int() }),
    ),
    told(
      'policy',
      ['policy.published', 'policy.retired'],
      z.strictObject({ approval: uuid, rulesVersion: decimal, version: z.int() }),
    ),
  ]),
  z.discriminatedUnion('type', [
    told('buying_policy', ['buying_policy.drafted'], z.strictObject({ terms: json, version: z.int() })),
    told(
      'buying_policy',
      ['buying_policy.published', 'buying_policy.retired'],
      z.strictObject({ approval: uuid.nullable(), version: z.int() }),
    ),
  ]),
  told(
    'purchase',
    eventTypes.purchase,
    z.strictObject({
      asset: uuid.nullable(),
      fee: decimal.nullable(),
      method: purchaseShape.shape.method,
      payee: z.union([address, z.null()]),
      price: decimal.nullable(),
      problem: purchaseProblemShape.nullable(),
      spent: decimal,
      transactionHash: maybe,
      url: text,
      way: purchaseShape.shape.way,
    }),
  ),
  z.discriminatedUnion('type', [
    told('review', ['review.opened'], z.strictObject({ ...reviewed, expiresAt: moment })),
    told('review', ['review.assigned'], z.strictObject({ assignedTo: maybe, note: maybe, payment: uuid })),
    told(
      'review',
      ['review.approved', 'review.denied', 'review.expired'],
      z.strictObject({ ...reviewed, note: maybe }),
    ),
    told('review', ['review.obsolete'], z.strictObject({ ...reviewed, because: z.enum(['cancelled', 'refused']) })),
  ]),
  z.discriminatedUnion('type', [
    told(
      'report',
      ['report.requested'],
      z.strictObject({ from: moment, kinds: z.array(z.enum(reportKinds)), schedule: maybe, to: moment }),
    ),
    told('report', ['report.finished'], z.strictObject(signedFiles)),
    told('report', ['report.failed'], z.strictObject({ failure: text })),
    told('report', ['report.expired'], z.strictObject({ before: moment })),
  ]),
  z.discriminatedUnion('type', [
    told('hold', ['hold.placed'], z.strictObject({ ...held, reason: text })),
    told('hold', ['hold.released'], z.strictObject({ ...held, approval: uuid })),
  ]),
  z.discriminatedUnion('type', [
    told(
      'endpoint',
      ['endpoint.created', 'endpoint.updated'],
      z.strictObject({ url: text, types: z.array(text), description: text }),
    ),
    told('endpoint', ['endpoint.enabled', 'endpoint.deleted'], z.strictObject({ url: text })),
    told(
      'endpoint',
      ['endpoint.disabled'],
      z.strictObject({ because: z.enum(['asked', 'failing', 'gone']), failingSince: moment.nullable(), url: text }),
    ),
    told('endpoint', ['endpoint.secret_rotated'], z.strictObject({ number: z.int(), previousUntil: moment })),
    told('endpoint', ['endpoint.pinged'], z.strictObject({ request: uuid })),
    told(
      'endpoint',
      ['endpoint.resent'],
      z.strictObject({
        ...{ request: uuid, resent: z.int(), delivery: uuid.nullable(), object: uuid.nullable() },
        ...{ from: moment.nullable(), to: moment.nullable(), state: z.enum(['delivered', 'failed']).nullable() },
      }),
    ),
  ]),
  told(
    'inbox_webhook',
    eventTypes.inbox_webhook,
    z.strictObject({
      ...{ source: text, event: text, state: z.enum(['dead', 'rejected']) },
      ...{ attempts: z.int(), lastError: maybe },
    }),
  ),
  told(
    'token',
    eventTypes.token,
    z.strictObject({
      ...{ address, agent: uuid.nullable(), asset: uuid, chain },
      ...{ capabilities, kind, roles, standard },
    }),
  ),
  told('payment', eventTypes.payment, paymentSnapshot),
  told('operation', eventTypes.operation, operationSnapshot),
])
