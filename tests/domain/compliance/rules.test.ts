import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Check } from '../../../server/contract/entities.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { decide, decideAgain } from '../../../server/domain/compliance/decide.ts'
import { meterOf } from '../../../server/domain/compliance/meters.ts'
import type { Facts, Listed, Question, Standing } from '../../../server/domain/compliance/question.ts'
import { assetId, checkOf, factsWith, nobody, otherAssetId, payer, question, recipient } from './support/facts.ts'

const at = question().at
const daysAgo = (days: number) => new Date(at.getTime() - days * 86_400_000)

const verified = (level: number, days = 10): Standing => ({
  ...nobody,
  kyc: [{ level, verifiedAt: daysAgo(days), evidence: `chainsettle:level-${level}` }],
})
const silent: Standing = { ...nobody, unanswered: true }
const livesIn = (code: string): Standing => ({ ...nobody, jurisdiction: { code, evidence: `eas:${code}` } })
const standing = (ofPayer: Standing, ofRecipient: Standing = nobody): Partial<Facts> => ({
  standing: { payer: ofPayer, recipient: ofRecipient },
})
const entry = (patch: Partial<Listed> = {}): Listed => ({
  list: 'fraud',
  kind: 'deny',
  subject: payer,
  reason: 'reported',
  ...patch,
})
const used = (rule: Rule, count: number, sum: bigint): Partial<Facts> => ({
  usage: new Map([[meterOf(rule, question())!.key, { count, sum }]]),
})

const members: Rule = { rule: 'allow-list', list: 'members', parties: ['payer', 'recipient'], otherwise: 'deny' }
const known: Rule = {
  rule: 'kyc',
  parties: ['payer'],
  level: 2,
  maxAgeDays: 365,
  otherwise: 'deny',
  unanswered: 'review',
}
const place: Rule = {
  rule: 'jurisdiction',
  parties: ['payer'],
  allowed: ['DE', 'FR'],
  blocked: ['FR', 'KP'],
  otherwise: 'deny',
  unanswered: 'review',
}
const large: Rule = { rule: 'threshold', assetId, above: 100n, otherwise: 'review' }
const perDay: Rule = {
  rule: 'limit',
  per: 'wallet',
  assetId,
  windowSeconds: 86_400,
  count: 3,
  sum: 1_000n,
  otherwise: 'deny',
}
const fast: Rule = { rule: 'velocity', count: 2, windowSeconds: 60, otherwise: 'deny' }
const named: Rule = { rule: 'recipients', allowed: [recipient], otherwise: 'deny' }
const dollars: Rule = { rule: 'assets', allowed: [assetId], otherwise: 'deny' }

/** What is asked, and what is said: code, outcome, and of a refusal what its sentence and its remedy speak of. */
interface Case {
  rule?: Rule
  facts?: Partial<Facts>
  asked?: Partial<Question>
  outcome: Check['outcome']
  says?: RegExp
  remedy?: RegExp
  about?: Partial<Check>
}

const cases: Record<string, Case[]> = {
  ADDRESSES_NOT_LISTED: [
    { outcome: 'allow' },
    { facts: { listed: [entry({ kind: 'allow' })] }, outcome: 'allow' },
    { facts: { listed: [entry({ kind: 'sanctions' })] }, outcome: 'allow' },
    { facts: { listed: [entry({ subject: `wallet:${recipient}` })] }, outcome: 'allow' },
  ],
  ADDRESS_ON_DENY_LIST: [
    ...[payer, recipient, `wallet:${question().walletId}`, `user:${question().userId}`].map((subject) => ({
      facts: { listed: [entry({ subject })] },
      outcome: 'deny' as const,
      says: new RegExp(`${subject} is on the list "fraud": reported`),
      remedy: /have the entry removed from "fraud"/,
      about: { rule: 'deny-list', list: 'fraud' },
    })),
  ],
  NOT_SANCTIONED: [{ outcome: 'allow' }, { facts: { listed: [entry()] }, outcome: 'allow' }],
  SANCTIONED: [
    {
      facts: { listed: [entry({ kind: 'sanctions', list: 'ofac', subject: recipient, reason: 'SDN 12345' })] },
      outcome: 'deny',
      says: /recipient 0x90F7.* is on the list "ofac": SDN 12345/,
      remedy: /another recipient/,
      about: { rule: 'sanctions', list: 'ofac' },
    },
  ],
  ON_ALLOW_LIST: [
    {
      rule: members,
      facts: {
        listed: [
          entry({ kind: 'allow', list: 'members', subject: `user:${question().userId}` }),
          entry({ kind: 'allow', list: 'members', subject: recipient }),
        ],
      },
      outcome: 'allow',
      about: { list: 'members' },
    },
  ],
  NOT_ON_ALLOW_LIST: [
    {
      rule: members,
      facts: { listed: [entry({ kind: 'allow', list: 'members' })] },
      outcome: 'deny',
      says: /The recipient .* is not on the list "members"/,
      remedy: /added to "members"/,
      about: { list: 'members' },
    },
    {
      rule: { ...members, parties: ['payer'] },
      facts: { listed: [entry({ kind: 'allow', list: 'others' }), entry({ kind: 'deny', list: 'members' })] },
      outcome: 'deny',
      says: /The payer/,
      about: { list: 'members' },
    },
    { rule: { ...members, otherwise: 'review' }, outcome: 'review' },
  ],
  KYC_SUFFICIENT: [
    { rule: known, facts: standing(verified(2)), outcome: 'allow', about: { evidence: 'chainsettle:level-2' } },
    { rule: known, facts: standing(verified(3, 364)), outcome: 'allow' },
    { rule: { ...known, maxAgeDays: null }, facts: standing(verified(2, 9_999)), outcome: 'allow' },
    // what is known for certain counts, whoever else is silent
    { rule: known, facts: standing({ ...verified(2), unanswered: true }), outcome: 'allow' },
    // a thorough verification of long ago does not hide a fresh one that is enough
    {
      rule: known,
      facts: standing({ ...nobody, kyc: [...verified(3, 900).kyc, ...verified(2, 5).kyc] }),
      outcome: 'allow',
      about: { evidence: 'chainsettle:level-2' },
    },
    {
      rule: { ...known, parties: ['payer', 'recipient'] },
      facts: standing(verified(2), verified(3)),
      outcome: 'allow',
      about: { evidence: 'chainsettle:level-2, chainsettle:level-3' },
    },
  ],
  KYC_MISSING: [
    {
      rule: known,
      outcome: 'deny',
      says: /Nothing says that the payer/,
      remedy: /verified to level 2 within the last 365/,
    },
    {
      rule: { ...known, parties: ['recipient'] },
      facts: standing(verified(3)),
      outcome: 'deny',
      says: /the recipient/,
    },
  ],
  KYC_LEVEL_TOO_LOW: [
    {
      rule: known,
      facts: standing(verified(1)),
      outcome: 'deny',
      says: /level 1, not 2/,
      remedy: /level 2/,
      about: { evidence: 'chainsettle:level-1' },
    },
  ],
  KYC_TOO_OLD: [
    {
      rule: known,
      facts: standing(verified(2, 365)),
      outcome: 'deny',
      says: /2025-06-15/,
      remedy: /within the last 365/,
    },
  ],
  KYC_UNANSWERED: [
    { rule: known, facts: standing(silent), outcome: 'review', says: /does not answer/, remedy: /later/ },
    { rule: known, facts: standing({ ...verified(1), unanswered: true }), outcome: 'review' },
    { rule: { ...known, unanswered: 'deny', otherwise: 'review' }, facts: standing(silent), outcome: 'deny' },
  ],
  JURISDICTION_ALLOWED: [
    { rule: place, facts: standing(livesIn('DE')), outcome: 'allow', about: { evidence: 'payer in DE (eas:DE)' } },
    { rule: { ...place, allowed: null }, facts: standing(livesIn('US')), outcome: 'allow' },
  ],
  JURISDICTION_NOT_ALLOWED: [
    {
      rule: place,
      facts: standing(livesIn('US')),
      outcome: 'deny',
      says: /is in US/,
      about: { evidence: 'payer in US (eas:US)' },
    },
    { rule: { ...place, allowed: [] }, facts: standing(livesIn('DE')), outcome: 'deny' },
  ],
  JURISDICTION_BLOCKED: [
    // blocked wins where a policy says both
    { rule: place, facts: standing(livesIn('FR')), outcome: 'deny', says: /in FR, which the policy blocks/ },
    { rule: place, facts: standing({ ...livesIn('KP'), unanswered: true }), outcome: 'deny' },
  ],
  JURISDICTION_UNKNOWN: [
    { rule: place, outcome: 'review', says: /Nothing says where the payer/, remedy: /attested/ },
    { rule: { ...place, unanswered: 'deny' }, outcome: 'deny' },
  ],
  JURISDICTION_UNANSWERED: [
    { rule: place, facts: standing(silent), outcome: 'review', says: /does not answer/, remedy: /later/ },
    // who is silent may say otherwise: silencing one of two must not let anybody pass
    { rule: place, facts: standing({ ...livesIn('DE'), unanswered: true }), outcome: 'review' },
  ],
  BELOW_THRESHOLD: [{ rule: large, outcome: 'allow' }],
  ABOVE_THRESHOLD: [
    {
      rule: large,
      asked: { amount: 101n },
      outcome: 'review',
      says: /101 .* above the threshold of 100/,
      remedy: /officer/,
    },
    { rule: { ...large, otherwise: 'deny' }, asked: { amount: 101n }, outcome: 'deny', remedy: /at most 100/ },
  ],
  OTHER_ASSET: [
    { rule: large, asked: { assetId: otherAssetId, amount: 10n ** 30n }, outcome: 'allow' },
    { rule: perDay, asked: { assetId: otherAssetId, amount: 10n ** 30n }, outcome: 'allow' },
  ],
  WITHIN_LIMIT: [
    { rule: perDay, outcome: 'allow' },
    { rule: perDay, facts: used(perDay, 2, 900n), outcome: 'allow' },
    { rule: { ...perDay, sum: null }, facts: used(perDay, 2, 10n ** 30n), outcome: 'allow' },
    { rule: { ...perDay, count: null }, facts: used(perDay, 10 ** 6, 0n), outcome: 'allow' },
  ],
  LIMIT_COUNT_REACHED: [
    { rule: perDay, facts: used(perDay, 3, 0n), outcome: 'deny', says: /wallet, 3 payments/, remedy: /Wait|raised/ },
    { rule: { ...perDay, count: 0 }, outcome: 'deny' },
    {
      rule: { ...perDay, per: 'app' },
      facts: used({ ...perDay, per: 'app' }, 3, 0n),
      outcome: 'deny',
      says: /the app/,
    },
  ],
  LIMIT_SUM_REACHED: [
    {
      rule: perDay,
      facts: used(perDay, 1, 901n),
      outcome: 'deny',
      says: /901 .* limit of 1000/,
      remedy: /at most 99 base/,
    },
    { rule: perDay, facts: used(perDay, 1, 1_000n), outcome: 'deny', remedy: /Wait/ },
    { rule: { ...perDay, otherwise: 'review' }, asked: { amount: 1_001n }, outcome: 'review' },
  ],
  WITHIN_VELOCITY: [
    { rule: fast, outcome: 'allow' },
    { rule: fast, facts: used(fast, 1, 0n), outcome: 'allow' },
  ],
  TOO_FAST: [
    { rule: fast, facts: used(fast, 2, 0n), outcome: 'deny', says: /2 payments .* 60 s/, remedy: /60 seconds/ },
  ],
  RECIPIENT_ALLOWED: [{ rule: named, outcome: 'allow' }],
  RECIPIENT_NOT_ALLOWED: [
    { rule: { ...named, allowed: [payer] }, outcome: 'deny', says: new RegExp(recipient), remedy: /policy/ },
  ],
  ASSET_ALLOWED: [{ rule: dollars, outcome: 'allow' }],
  ASSET_NOT_ALLOWED: [
    {
      rule: dollars,
      asked: { assetId: otherAssetId },
      outcome: 'deny',
      says: new RegExp(otherAssetId),
      remedy: /policy/,
    },
  ],
}

/** The rules that are asked whatever the policy says. */
const always: Record<string, number> = {
  ADDRESSES_NOT_LISTED: 0,
  ADDRESS_ON_DENY_LIST: 0,
  NOT_SANCTIONED: 1,
  SANCTIONED: 1,
}

const rows = Object.entries(cases).flatMap(([code, list]) =>
  list.map((one, index) => ({ code, number: index + 1, one })),
)

test.each(rows)('$code ($number)', ({ code, one: { rule, facts, asked, outcome, says, remedy, about } }) => {
  const check = rule
    ? checkOf(rule, facts, question(asked))
    : decide(question(asked), factsWith([], facts)).checks[always[code]!]!
  expect(check).toMatchObject({ code, outcome, ...about })
  expect(check.message).toMatch(says ?? /^[A-Z\d].*\.$/)
  if (outcome === 'allow') expect(check.remedy).toBeNull()
  else expect(check.remedy).toMatch(remedy ?? /^[A-Z].*\.$/)
})

test('the table has every code that a rule can give', () => {
  const directory = new URL('../../../server/domain/compliance/rules/', import.meta.url)
  const source = readdirSync(directory)
    .map((name) => readFileSync(new URL(name, directory), 'utf8'))
    .join('\n')
  const codes = new Set(source.match(/'[A-Z][A-Z]+(_[A-Z]+)+'|'SANCTIONED'/g)!.map((quoted) => quoted.slice(1, -1)))
  expect([...codes].sort()).toEqual(Object.keys(cases).sort())
})

test('of several parties the strictest result is told, in whatever order the policy names them', () => {
  for (const parties of [
    ['payer', 'recipient'],
    ['recipient', 'payer'],
  ] as const) {
    const kyc = { ...known, parties: [...parties] }
    expect(checkOf(kyc, standing(silent, verified(1)))).toMatchObject({ outcome: 'deny', code: 'KYC_LEVEL_TOO_LOW' })
    expect(checkOf(kyc, standing(verified(1), silent))).toMatchObject({ outcome: 'deny', code: 'KYC_LEVEL_TOO_LOW' })
    const jurisdiction = { ...place, parties: [...parties] }
    for (const facts of [standing(silent, livesIn('KP')), standing(livesIn('KP'), silent)])
      expect(checkOf(jurisdiction, facts)).toMatchObject({ outcome: 'deny', code: 'JURISDICTION_BLOCKED' })
  }
})

test('the strictest outcome wins, and what every rule said is kept in the order of the policy', () => {
  const rules = [large, perDay, named]
  const asked = question({ amount: 500n, parties: { payer, recipient: payer } })
  const answer = decide(asked, factsWith(rules))
  expect(answer.outcome).toBe('deny')
  expect(answer.checks.map(({ rule, outcome }) => [rule, outcome])).toEqual([
    ['deny-list', 'allow'],
    ['sanctions', 'allow'],
    ['threshold', 'review'],
    ['limit', 'allow'],
    ['recipients', 'deny'],
  ])
  expect(decide(asked, factsWith([large])).outcome).toBe('review')
  expect(decide(asked, factsWith([])).outcome).toBe('allow')
})

test('asked again, what was counted when it was accepted is not asked about, and who takes part is', () => {
  const rules = [large, perDay, fast, known, members, place, named, dollars]
  const { checks } = decideAgain(question({ amount: 10n ** 30n }), factsWith(rules, used(fast, 100, 0n)))
  expect(checks.map(({ rule }) => rule)).toEqual([
    'deny-list',
    'sanctions',
    'kyc',
    'allow-list',
    'jurisdiction',
    'recipients',
    'assets',
  ])
})
