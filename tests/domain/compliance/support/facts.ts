import type { Check } from '../../../../server/contract/entities.ts'
import type { Rule } from '../../../../server/contract/policies.ts'
import { decide } from '../../../../server/domain/compliance/decide.ts'
import type { Facts, Question, Standing } from '../../../../server/domain/compliance/question.ts'

export const payer = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const recipient = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
export const assetId = '5c7f4f0e-8a38-4d5c-9c4f-6f5f3a1f0001'
export const otherAssetId = '5c7f4f0e-8a38-4d5c-9c4f-6f5f3a1f0002'

/** A payment of 100 base units. */
export const question = (patch: Partial<Question> = {}): Question => ({
  action: 'payment',
  parties: { payer, recipient },
  walletId: '5c7f4f0e-8a38-4d5c-9c4f-6f5f3a1f0003',
  userId: '5c7f4f0e-8a38-4d5c-9c4f-6f5f3a1f0004',
  assetId,
  amount: 100n,
  at: new Date('2026-06-15T12:00:00.000Z'),
  ...patch,
})

/** Nothing is known of anybody. */
export const nobody: Standing = { kyc: [], jurisdiction: null, unanswered: false }

/** Nothing is known of the parties, and nothing was paid. */
export const factsWith = (rules: readonly Rule[], patch: Partial<Facts> = {}): Facts => ({
  rulesVersion: 7n,
  policy: { id: '5c7f4f0e-8a38-4d5c-9c4f-6f5f3a1f0005', version: 3, rules },
  listed: [],
  standing: { payer: nobody, recipient: nobody },
  usage: new Map(),
  ...patch,
})

/** What one rule says of the payment. */
export function checkOf(rule: Rule, patch: Partial<Facts> = {}, asked: Question = question()): Check {
  const { checks } = decide(asked, factsWith([rule], patch))
  return checks.at(-1)!
}
