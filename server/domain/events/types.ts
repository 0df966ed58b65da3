import type { EventType, ObjectType } from '../../contract/events.ts'

const payable = [
  'held',
  'accepted',
  'submitted',
  'settled',
  'failed',
  'attention',
  'cancelled',
  'refused',
  'expired',
] as const

/** What can happen to each kind of object. */
export const eventTypes = {
  app: ['app.created', 'app.updated'],
  api_key: ['api_key.created', 'api_key.rotated', 'api_key.revoked'],
  user: ['user.created', 'user.roles_changed'],
  session: ['session.created', 'session.revoked'],
  approval: ['approval.requested', 'approval.approved', 'approval.rejected', 'approval.expired'],
  asset: ['asset.registered'],
  wallet: ['wallet.created', 'wallet.linked'],
  paywall: ['paywall.created', 'paywall.updated', 'paywall.archived'],
  list: ['list.created', 'list.import_staged', 'list.import_discarded', 'list.import_expired', 'list.published'],
  list_entry: ['list_entry.added', 'list_entry.removed'],
  decision: ['decision.refused'],
  policy: ['policy.drafted', 'policy.published', 'policy.retired'],
  review: ['review.opened', 'review.assigned', 'review.approved', 'review.denied', 'review.expired', 'review.obsolete'],
  report: ['report.requested', 'report.finished', 'report.failed', 'report.expired'],
  hold: ['hold.placed', 'hold.released'],
  endpoint: [
    'endpoint.created',
    'endpoint.updated',
    'endpoint.enabled',
    'endpoint.disabled',
    'endpoint.deleted',
    'endpoint.secret_rotated',
    'endpoint.pinged',
    'endpoint.resent',
  ],
  inbox_webhook: ['inbox_webhook.retried'],
  token: ['token.registered'],
  payment: [...payable.map((state) => `payment.${state}` as const), 'transaction.submitted'],
  operation: [...payable.map((state) => `operation.${state}` as const), 'transaction.submitted'],
} as const satisfies Record<ObjectType, readonly EventType[]>

export const objectTypes = Object.keys(eventTypes) as ObjectType[]

const all: ReadonlySet<EventType> = new Set(Object.values(eventTypes).flat())

/** The types that are named: each by its name, or all that begin alike, such as `payment.*`. Empty where nothing is called that. */
export const typesNamed = (names: readonly string[]): ReadonlySet<string> =>
  new Set(
    names.flatMap((name) =>
      [...all].filter((type) => (name.endsWith('.*') ? type.startsWith(name.slice(0, -1)) : type === name)),
    ),
  )
