import { randomUUID } from 'node:crypto'
import type { EercOperation } from '../../contract/eerc.ts'
import type { Address, Check, ListKind, Payment, PaymentState, RoleChange } from '../../contract/entities.ts'
import type { EventType, InJson, ObjectType, ServiceEvent } from '../../contract/events.ts'
import type { PurchaseState } from '../../contract/purchases.ts'
import { eventId } from './event-of.ts'
import { eventTypes } from './types.ts'

/** What `data` is of an event of this type. */
type DataOf<Type, Event = ServiceEvent> = Event extends { type: infer Types; data: infer Data }
  ? Type extends Types
    ? Data
    : never
  : never

/** What each kind of event may say. */
type Samples = {
  [Type in Exclude<EventType, `${'payment' | 'operation'}.${PaymentState}` | `purchase.${PurchaseState}`>]: DataOf<Type>
}

const id = '3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11'
const payer: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const recipient: Address = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const at = '2026-11-23T10:00:00.000Z'
const hash = '5f'.repeat(32)
const deny: ListKind = 'deny'

const check: Check = {
  rule: 'deny-list',
  outcome: 'deny',
  code: 'ADDRESS_ON_DENY_LIST',
  message: 'The payer is on the list sanctions.',
  list: 'sanctions',
  evidence: null,
  remedy: 'Pay from another wallet.',
}
const action: RoleChange = { type: 'role.grant', userId: id, role: 'merchant' }
const app = { name: 'A shop', origins: ['https://shop.example.com'] }
const reviewed = { decision: id, payment: id, requestedBy: `key:${id}` }
const imported = {
  ...{ added: 2, removed: 0, changed: 1, unchanged: 40 },
  ...{ hash, name: 'sanctions', source: 'november.csv', import: id },
}
const paywall = {
  accessSeconds: 86_400,
  asset: id,
  expiresAt: null,
  merchant: null,
  price: '1500000',
  recipient,
  title: 'An article',
}
const chainFacts = (state: PaymentState) => {
  const isOnChain = state === 'settled' || state === 'attention'
  const reason = { failed: 'reverted', attention: 'dropped_by_chain', refused: check.code }[state as string]
  return {
    state,
    decisionId: id,
    transactionId: id,
    transactionHash: isOnChain ? (`0x${hash}` as const) : null,
    blockNumber: isOnChain ? '48213377' : null,
    failure: reason ? { reason, message: 'Why, in a sentence.', refusal: null } : null,
    settledAt: state === 'settled' ? at : null,
    createdAt: at,
    updatedAt: at,
  }
}
const payment = (state: PaymentState): InJson<Payment> => ({
  id,
  paywallId: id,
  walletId: id,
  assetId: id,
  chain: 'eip155:43113',
  payer,
  recipient,
  amount: '1500000',
  ...chainFacts(state),
})
const operation = (state: PaymentState): InJson<EercOperation> => ({
  id,
  tokenId: id,
  walletId: id,
  action: { type: 'mint', to: recipient, amount: '1500000' },
  requestedBy: `key:${id}`,
  reason: 'As agreed with the issuer',
  approvalId: id,
  ...chainFacts(state),
})

const isAsked: PurchaseState[] = ['paying', 'completed', 'attention']
const problems: Partial<Record<PurchaseState, string>> = {
  failed: 'unreachable',
  refused: 'host',
  attention: 'outcome_unknown',
}
const purchase = (state: PurchaseState): DataOf<`purchase.${PurchaseState}`> => ({
  ...{ method: 'GET', url: 'https://api.example.com/weather', way: 'direct' },
  ...(isAsked.includes(state)
    ? { asset: id, payee: recipient, price: '10000', fee: '0', spent: '10000' }
    : { asset: null, payee: null, price: null, fee: null, spent: '0' }),
  problem: problems[state] ? { reason: problems[state], message: 'A sentence about it.' } : null,
  transactionHash: state === 'completed' ? `0x${hash}` : null,
})

const samples: Samples = {
  'app.created': app,
  'app.updated': app,
  'api_key.created': { name: 'backend', prefix: 'psk_3f0c', scopes: null, expiresAt: null },
  'api_key.rotated': { prefix: 'psk_3f0c', replacement: id, expiresAt: at },
  'api_key.revoked': { prefix: 'psk_3f0c' },
  'user.created': { address: payer, roles: [] },
  'user.roles_changed': { approval: id, change: 'granted', role: 'merchant', roles: ['merchant'] },
  'session.created': { address: payer, expiresAt: at, user: id },
  'session.revoked': { user: id },
  'approval.requested': { action, expiresAt: at, reason: 'They open paywalls' },
  'approval.approved': { action, note: null, requestedBy: `user:${id}` },
  'approval.rejected': { action, note: 'Not yet', requestedBy: `user:${id}` },
  'approval.expired': { action, requestedBy: `user:${id}` },
  'asset.registered': { chain: 'eip155:43113', address: recipient, symbol: 'USDC', decimals: 6 },
  'wallet.created': { address: payer, kind: 'custodial', owner: 'customer-7', provider: 'crossmint', user: null },
  'wallet.linked': { address: payer, user: id },
  'paywall.created': { ...paywall, state: 'open' },
  'paywall.updated': { ...paywall, state: 'open' },
  'paywall.archived': { ...paywall, state: 'archived' },
  'list.created': { kind: deny, listVersion: '1', name: 'sanctions' },
  'list.import_staged': { ...imported, duplicates: 0, entries: 43, skipped: 0 },
  'list.import_discarded': { import: id, name: 'sanctions' },
  'list.import_expired': { import: id, name: 'sanctions' },
  'list.published': { ...imported, approval: id, entries: 43, kind: deny, listVersion: '2' },
  'list_entry.added': {
    ...{ kind: deny, list: 'sanctions', listVersion: '2', reason: 'Named by the regulator', source: 'manual' },
    ...{ subject: payer, validFrom: null, validUntil: null },
  },
  'list_entry.removed': { list: 'sanctions', listVersion: '3', subject: payer, approval: id },
  'decision.refused': {
    ...{ action: 'payment', checks: [check], listVersion: '2', policyVersion: 1 },
    ...{ payer, recipient, asset: id, amount: '1500000', wallet: id, paywall: id },
  },
  'policy.drafted': { rules: [{ rule: 'recipients', allowed: [recipient], otherwise: 'deny' }], version: 1 },
  'policy.published': { approval: id, rulesVersion: '3', version: 1 },
  'policy.retired': { approval: id, rulesVersion: '4', version: 1 },
  'buying_policy.drafted': { terms: { sellers: [], assets: [], ways: ['direct'], windowSeconds: 86_400 }, version: 1 },
  'buying_policy.published': { approval: id, version: 1 },
  'buying_policy.retired': { approval: id, version: 1 },
  'review.opened': { ...reviewed, expiresAt: at },
  'review.assigned': { assignedTo: `user:${id}`, note: null, payment: id },
  'review.approved': { ...reviewed, note: 'Seen the invoice' },
  'review.denied': { ...reviewed, note: 'No invoice' },
  'review.expired': { ...reviewed, note: null },
  'review.obsolete': { ...reviewed, because: 'cancelled' },
  'report.requested': { from: at, kinds: ['decisions'], schedule: null, to: at },
  'report.finished': { files: { 'decisions.csv': hash }, key: '2026', signature: 'c2lnbmVk' },
  'report.failed': { failure: 'The month is not over.' },
  'report.expired': { before: at },
  'hold.placed': { objectId: id, objectType: 'payment', reason: 'Asked for by the court' },
  'hold.released': { approval: id, objectId: id, objectType: 'payment' },
  'endpoint.created': { url: 'https://shop.example.com/hooks', types: ['payment.*'], description: 'The shop' },
  'endpoint.updated': { url: 'https://shop.example.com/hooks', types: ['payment.*'], description: 'The shop' },
  'endpoint.enabled': { url: 'https://shop.example.com/hooks' },
  'endpoint.disabled': { because: 'failing', failingSince: at, url: 'https://shop.example.com/hooks' },
  'endpoint.deleted': { url: 'https://shop.example.com/hooks' },
  'endpoint.secret_rotated': { number: 2, previousUntil: at },
  'endpoint.pinged': { request: id },
  'endpoint.resent': { request: id, resent: 3, delivery: null, object: id, from: null, to: null, state: 'failed' },
  'inbox_webhook.retried': { source: 'crossmint', event: 'msg_1', state: 'dead', attempts: 12, lastError: null },
  'token.registered': {
    ...{ address: recipient, agent: id, asset: id, capabilities: { mint: true }, chain: 'eip155:43113' },
    ...{ kind: 'permissioned', roles: { mint: 'held' }, standard: 'erc-7943' },
  },
  'transaction.submitted': payment('submitted'),
  'transaction.dismissed': {
    ...payment('submitted'),
    failure: { reason: 'transfer_not_found', message: 'Why, in a sentence.', refusal: null },
  },
}

/** An event of a type as it might come, of an object that there is not. Its position is 0, which is in no feed. */
export function sampleOf(type: EventType, now: Date): ServiceEvent {
  const [kind, state] = type.split('.') as [string, PaymentState & PurchaseState]
  const objectType = (Object.keys(eventTypes) as ObjectType[]).find((name) =>
    (eventTypes[name] as readonly EventType[]).includes(type),
  )!
  const objectId = randomUUID()
  const data =
    kind === 'payment'
      ? payment(state)
      : kind === 'operation'
        ? operation(state)
        : kind === 'purchase'
          ? purchase(state)
          : samples[type as keyof Samples]
  const isWhole = objectType === 'payment' || objectType === 'operation'
  return {
    id: eventId(objectId, 1n),
    position: 0n,
    appId: randomUUID(),
    type,
    version: 1,
    objectType,
    objectId,
    sequence: 1n,
    createdAt: now,
    data: isWhole ? { ...data, id: objectId } : data,
  } as ServiceEvent
}
