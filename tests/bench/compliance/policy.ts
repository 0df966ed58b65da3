import type { Rule } from '../../../server/contract/policies.ts'
import { THRESHOLD } from './people.ts'

const DAY = 86_400

/** Payments of one wallet in a day. */
export const WALLET_COUNT = 1_000

const BLOCKED = ['BY', 'CU', 'IR', 'KP', 'RU', 'SY']

/** A limit of count and sum over a day, of each wallet and of the whole app. */
export const limitsOf = (assetId: string, { wallet, app }: { wallet: number; app: number }): Rule[] =>
  [{ per: 'wallet', count: wallet } as const, { per: 'app', count: app } as const].map(({ per, count }) => ({
    ...{ rule: 'limit', per, assetId, windowSeconds: DAY, count },
    ...{ sum: BigInt(count) * THRESHOLD * 100n, otherwise: 'deny' },
  }))

/** What a careful app asks beside the deny and sanctions lists: a rule of every kind that looks at people or at what they pay. */
export const policyOfBench = (assetId: string): Rule[] => [
  { rule: 'allow-list', list: 'customers', parties: ['payer'], otherwise: 'deny' },
  { rule: 'kyc', parties: ['payer'], level: 2, maxAgeDays: 365, otherwise: 'review', unanswered: 'deny' },
  {
    rule: 'jurisdiction',
    parties: ['payer'],
    allowed: null,
    blocked: BLOCKED,
    otherwise: 'deny',
    unanswered: 'review',
  },
  { rule: 'assets', allowed: [assetId], otherwise: 'deny' },
  { rule: 'threshold', assetId, above: THRESHOLD, otherwise: 'review' },
  ...limitsOf(assetId, { wallet: WALLET_COUNT, app: 1_000_000 }),
  { rule: 'velocity', count: 1_000, windowSeconds: 3_600, otherwise: 'deny' },
]
