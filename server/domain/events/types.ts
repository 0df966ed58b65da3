import type { PaymentState } from '../../contract/entities.ts'
import type { EventType, ObjectType } from '../../contract/events.ts'
import type { PurchaseState } from '../../contract/purchases.ts'
import { paymentStates } from '../payments/states.ts'
import { purchaseStates } from '../purchases/states.ts'

const ofWhatIsPaid = Object.keys(paymentStates) as PaymentState[]
const ofWhatIsBought = Object.keys(purchaseStates) as PurchaseState[]

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
  buying_policy: ['buying_policy.drafted', 'buying_policy.published', 'buying_policy.retired'],
  purchase: ofWhatIsBought.map((state) => `purchase.${state}` as const),
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
  payment: [
    ...ofWhatIsPaid.map((state) => `payment.${state}` as const),
    'transaction.submitted',
    'transaction.dismissed',
  ],
  operation: [...ofWhatIsPaid.map((state) => `operation.${state}` as const), 'transaction.submitted'],
} as const satisfies Record<ObjectType, readonly EventType[]>

export const objectTypes = Object.keys(eventTypes) as ObjectType[]

const all = [...new Set<EventType>(Object.values(eventTypes).flat())]

/**
 * The types that are named: each by its name, or with `*` for either of its parts, such as `payment.*` and `*.attention`; `*` alone is
 * every type. Empty where nothing is called that.
 */
export const typesNamed = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => (name === '*' ? all : all.filter((type) => isNamed(type, name)))))

function isNamed(type: EventType, name: string): boolean {
  const [parts, named] = [type.split('.'), name.split('.')]
  return named.length === parts.length && named.every((part, n) => part === '*' || part === parts[n])
}
