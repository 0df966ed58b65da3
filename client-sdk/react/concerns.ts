import type { Client, ObjectType, ServiceEvent } from '../index.ts'

type Noun = keyof Client

/** What reads may answer otherwise when something happened to an object of a kind. */
const nouns: Record<ObjectType, readonly Noun[]> = {
  api_key: ['apiKeys'],
  app: ['apps'],
  approval: ['approvals'],
  asset: ['assets'],
  buying_policy: ['purchases'],
  decision: ['decisions'],
  endpoint: ['endpoints', 'deliveries'],
  hold: ['holds'],
  inbox_webhook: ['inbox'],
  list: ['lists', 'compliance'],
  list_entry: ['lists', 'compliance'],
  operation: ['eerc', 'tokens'],
  payment: ['payments', 'access', 'wallets', 'reviews'],
  paywall: ['paywalls'],
  policy: ['policies', 'compliance'],
  purchase: ['purchases'],
  report: ['reports'],
  review: ['reviews', 'payments', 'decisions'],
  session: ['auth'],
  token: ['tokens'],
  user: ['users', 'auth'],
  wallet: ['wallets'],
}

/** Procedures that ask the rules: every change of lists and policies is theirs too. */
const askRules: readonly ObjectType[] = ['list', 'list_entry', 'policy']

/**
 * Whether what was read under a key may be otherwise after an event. A read that names another object of the same kind than the event does is not
 * concerned: another payment, or the access of another wallet.
 */
export function concerns({ objectType, objectId, data }: ServiceEvent, key: readonly unknown[]): boolean {
  const [, noun, verb, input] = key
  if (askRules.includes(objectType) && noun === 'payments' && verb === 'quote') return true
  if (!nouns[objectType].includes(noun as Noun)) return false
  const named: Record<string, unknown> = { ...data, [`${objectType}Id`]: objectId }
  return Object.entries((input ?? {}) as Record<string, unknown>).every(
    ([name, value]) => !name.endsWith('Id') || typeof named[name] !== 'string' || named[name] === value,
  )
}
