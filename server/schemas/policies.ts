import * as z from 'zod'
import type { Address } from '../contract/entities.ts'
import type * as entity from '../contract/policies.ts'
import * as common from './common.ts'

const otherwise = z.enum(['deny', 'review'])
const parties = z
  .array(z.enum(['payer', 'recipient']))
  .min(1)
  .max(2)
const country = z.string().regex(/^[A-Z]{2}$/, 'a jurisdiction is two capital letters of ISO 3166-1, such as DE')
const countries = z.array(country).max(300)

/** Up to a year back. */
const window = z
  .int()
  .min(1)
  .max(366 * 86_400)
const count = z.int().min(0).max(1_000_000)

/** Every rule, with addresses as they come in or as they go out. */
const ruleWith = <Input>(address: z.core.$ZodType<Address, Input>) =>
  z.discriminatedUnion('rule', [
    z.strictObject({ rule: z.literal('allow-list'), list: common.listName, parties, otherwise }),
    z.strictObject({
      rule: z.literal('kyc'),
      parties,
      level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
      maxAgeDays: z.int().min(1).max(3660).nullable(),
      otherwise,
      unanswered: otherwise,
    }),
    z.strictObject({
      rule: z.literal('jurisdiction'),
      parties,
      allowed: countries.nullable(),
      blocked: countries,
      otherwise,
      unanswered: otherwise,
    }),
    z.strictObject({ rule: z.literal('threshold'), assetId: common.id, above: common.amountInput, otherwise }),
    z
      .strictObject({
        rule: z.literal('limit'),
        per: z.enum(['wallet', 'app']),
        assetId: common.id,
        windowSeconds: window,
        count: count.nullable(),
        sum: common.amountInput.nullable(),
        otherwise,
      })
      .refine(({ count, sum }) => count !== null || sum !== null, { message: 'limits nothing: give a count or a sum' }),
    z.strictObject({ rule: z.literal('velocity'), count, windowSeconds: window, otherwise }),
    z.strictObject({ rule: z.literal('recipients'), allowed: z.array(address).max(1_000), otherwise }),
    z.strictObject({ rule: z.literal('assets'), allowed: z.array(common.id).max(1_000), otherwise }),
  ])

/** The rules of a new version of a policy. */
export const rulesInput = z.array(ruleWith(common.addressInput)).max(50)

/** A rule as it goes out. */
export const rule = ruleWith(common.address)

export const policyShape = z.object({
  id: z.string(),
  version: z.int(),
  state: z.enum(['draft', 'published', 'retired']),
  rules: z.array(rule),
  createdAt: z.date(),
  publishedAt: z.date().nullable(),
})
export const policy: z.core.$ZodType<entity.Policy, entity.Policy> = policyShape

export const reviewState = z.enum(['open', 'approved', 'denied', 'expired', 'obsolete'])

export const reviewShape = z.object({
  id: z.string(),
  paymentId: z.string(),
  decisionId: z.string(),
  state: reviewState,
  requestedBy: z.string(),
  assignedTo: z.string().nullable(),
  decidedBy: z.string().nullable(),
  note: z.string().nullable(),
  createdAt: z.date(),
  expiresAt: z.date(),
  decidedAt: z.date().nullable(),
})
export const review: z.core.$ZodType<entity.Review, entity.Review> = reviewShape
export const draftedPolicy: z.core.$ZodType<
  entity.Policy & { replayed: boolean },
  entity.Policy & { replayed: boolean }
> = policyShape.extend({ replayed: z.boolean() })
