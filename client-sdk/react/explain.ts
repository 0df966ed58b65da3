import { errorOf, type ProviderErrorCode } from '../index.ts'

/** What to tell people about an error. In English: know an error by its `code` to tell it in another language. */
export interface Explanation {
  title: string
  /** What happened. */
  sentence: string
  /** What they can do about it; empty where nothing helps. */
  advice: string
}

/** Title, advice, and a sentence where the error's own is not for people who pay. */
type Words = readonly [title: string, advice: string, sentence?: string]

const moment = 'Try again in a moment.'
const reload = 'Reload the page to see how things are now.'
const tell = 'Tell us, please, what you did.'
const rename = 'Use the one that is there, or give this one another name.'

const away: Words = [
  'Not just now',
  'Try again: nothing is done or paid twice.',
  'The service is not available at the moment.',
]
const outdated = (what: string): Words => [what, reload]
const defect: Words = ['Something is wrong here', tell, 'This page asked for something that the service does not take.']

const words: Record<ProviderErrorCode, Words> = {
  INVALID_INPUT: ['That does not fit', 'Correct what is marked, and try again.'],
  UNAUTHENTICATED: [
    'You are signed out',
    'Sign in again. A payment that is on its way goes on meanwhile.',
    'Your session has ended.',
  ],
  FORBIDDEN: ['Not for you', 'Ask somebody whose part this is.'],
  SIGN_IN_FAILED: ['Signing in did not work', 'Try again, with the wallet that you chose.'],
  ORIGIN_NOT_ALLOWED: ['Not from this page', 'Open the page at its own address.'],
  NEEDS_ANOTHER_PERSON: [
    'Somebody else must decide',
    'Ask a second person: nobody decides on what they asked for themselves.',
  ],
  REFUSED_BY_COMPLIANCE: ['This payment is not allowed', ''],
  INSUFFICIENT_BALANCE: [
    'Not enough in the wallet',
    'Add some, or choose another wallet, then try again.',
    'The wallet holds less than the price. Nothing was paid.',
  ],
  PURCHASE_REFUSED: ['Not bought', 'Ask an operator to allow it.', 'What may be bought does not include this.'],
  PURCHASE_UNDER_WAY: ['On its way', moment],
  NOT_FOUND: ['Not found', reload],
  NO_SUCH_PROCEDURE: defect,
  PAYWALL_CLOSED: ['No longer sold', '', 'This is not for sale any more. Nothing was paid.'],
  NOT_SIGNABLE: outdated('Nothing to sign'),
  ALREADY_PAID: ['Paid already', 'Nothing more is to be done: it was paid by another transaction.'],
  NOT_CANCELLABLE: ['Too late to cancel', 'Wait for how it ends.'],
  REVIEW_CLOSED: outdated('Already decided'),
  REPORT_NOT_READY: ['Not ready yet', moment],
  APPROVAL_CLOSED: outdated('Already decided'),
  REQUEST_VOID: outdated('No longer valid'),
  NOTHING_TO_CHANGE: outdated('It is so already'),
  LAST_OPERATOR: ['The last operator', 'Make somebody else an operator first.'],
  API_KEY_ENDED: outdated('This key has ended'),
  ENDPOINT_DELETED: outdated('This endpoint is deleted'),
  TOO_MANY_ENDPOINTS: ['Too many endpoints', 'Delete one that you no longer need.'],
  LIST_EXISTS: ['There is such a list', rename],
  ALREADY_REGISTERED: ['Already registered', rename],
  ALREADY_LISTED: outdated('Already on the list'),
  IMPORT_CLOSED: outdated('This import is over'),
  IMPORT_OUTDATED: ['The list has changed', 'Import it again.'],
  WALLET_TAKEN: ['This wallet is taken', 'Choose another wallet.'],
  CONFLICT: ['Somebody else was quicker', reload],
  TOO_LARGE: ['Too large', 'Send less at a time.'],
  UNSUPPORTED_MEDIA_TYPE: defect,
  IDEMPOTENCY_MISMATCH: defect,
  CHAIN_NOT_SUPPORTED: ['Not on this network', 'Choose another wallet.'],
  NOT_A_TOKEN: ['No token', 'Look at the address and the network again.'],
  OPERATION_NOT_SUPPORTED_BY_TOKEN: ['This token cannot do that', ''],
  PROVIDER_REFUSED: ['The wallet provider refused', 'Choose another wallet, or try again later.'],
  RATE_LIMITED: ['Too fast', 'Wait a little, then try again.', 'That was asked for too often.'],
  INTERNAL: ['Something went wrong', 'Try again: nothing is done or paid twice.', 'Something went wrong on our side.'],
  PROVIDER_UNAVAILABLE: away,
  CHAIN_UNAVAILABLE: away,
  DATABASE_UNAVAILABLE: away,
  UNREACHABLE: [
    'No connection',
    'Look whether you are online. Trying again never pays twice.',
    'The service does not answer. What you asked for may be on its way.',
  ],
  PAYMENT_NOT_SETTLED: ['Not paid', 'You can try again.'],
  WEBHOOK_REFUSED: defect,
  // their own sentences say what to do, and know more of it
  WALLET_REJECTED: ['Declined in your wallet', ''],
  WRONG_CHAIN: ['The wallet is on another network', ''],
  WALLET_FAILED: ['The wallet could not do it', ''],
}

/**
 * An error in words for people: what happened, and what they can do. Every code has its own.
 *
 * @example
 * const { title, sentence, advice } = explain(error)
 */
export function explain(error: unknown): Explanation {
  const known = errorOf(error)
  const [title, advice, sentence = known.message] = words[known.code] ?? away
  if (known.code === 'REFUSED_BY_COMPLIANCE') return { title, sentence, advice: remediesOf(known.details) }
  if (known.code === 'PAYMENT_NOT_SETTLED' && known.payment) return explainEnd(known.payment, sentence)
  return { title, sentence, advice }
}

function explainEnd(
  { state, failure }: NonNullable<ReturnType<typeof errorOf>['payment']>,
  sentence: string,
): Explanation {
  if (state === 'attention')
    return { title: 'We are looking into it', sentence, advice: 'Do not pay again: you will see here how it ends.' }
  if (state === 'refused')
    return {
      title: 'This payment was refused',
      sentence: `${sentence} Nothing was paid.`,
      advice: remediesOf(failure?.refusal ?? {}),
    }
  if (state === 'expired')
    return { title: 'Out of time', sentence: `${sentence} Nothing was paid.`, advice: 'You can try again.' }
  if (state === 'cancelled') return { title: 'Cancelled', sentence: `${sentence} Nothing was paid.`, advice: '' }
  return { title: 'Not paid', sentence, advice: 'You can try again.' }
}

/** What would satisfy the rules that refused. */
function remediesOf(refusal: { checks?: unknown }): string {
  const checks = Array.isArray(refusal.checks) ? (refusal.checks as { remedy?: string | null }[]) : []
  return [...new Set(checks.flatMap(({ remedy }) => remedy ?? []))].join(' ')
}
