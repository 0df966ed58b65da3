import * as z from 'zod'
import type { Address } from '../contract/entities.ts'
import type * as entity from '../contract/purchases.ts'
import * as common from './common.ts'

const way = z.enum(['direct', 'httpayer'])
const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
export const purchaseState = z.enum(['requested', 'paying', 'completed', 'failed', 'refused', 'attention'])

/** A host as URLs have it: lower case, with its port where it has one. */
const host = z
  .string()
  .max(253)
  .refine((text) => URL.parse(`https://${text}/`)?.host === text, {
    message: 'a host is such as api.example.com, in lower case, with its port if it has one',
  })

/** Terms, with addresses as they come in or as they go out. */
const termsWith = <Input>(address: z.core.$ZodType<Address, Input>) => ({
  sellers: z.array(z.object({ host, payees: z.array(address).max(100) })).max(200),
  assets: z
    .array(
      z.object({
        assetId: common.id,
        perCall: common.amountInput,
        perApp: common.amountInput,
        perPrincipal: common.amountInput,
      }),
    )
    .max(50),
  ways: z.array(way).max(2),
  windowSeconds: z
    .int()
    .min(60)
    .max(366 * 86_400),
})

const distinct = (values: readonly string[]) => new Set(values).size === values.length

export const termsInput = z
  .object(termsWith(common.addressInput))
  .refine(({ sellers }) => distinct(sellers.map((one) => one.host)), { message: 'names a host twice' })
  .refine(({ assets }) => distinct(assets.map((one) => one.assetId)), { message: 'names an asset twice' })

/** A call of somebody's API. */
export const apiCall = z.object({
  url: z
    .string()
    .max(4_000)
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), { message: 'is an http or https URL' }),
  method: method.default('GET'),
  /** Those that could carry a secret of ours are left out. */
  headers: z
    .record(
      z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/),
      z
        .string()
        .max(4_000)
        .regex(/^[\t\x20-\x7e]*$/),
    )
    .refine((headers) => Object.keys(headers).length <= 50, { message: 'are at most 50' })
    .default({}),
  body: z
    .string()
    .max(64_000)
    .refine((text) => text.isWellFormed(), { message: 'is text without lone surrogates' })
    .nullable()
    .default(null),
  /** By default the first that the policy allows and this service is configured for. */
  way: way.optional(),
})

export const purchaseProblemShape = z.object({ reason: z.string(), message: z.string() })

export const buyingCheckShape = z.object({
  rule: z.enum(['policy', 'way', 'host', 'offer', 'asset', 'payee', 'call', 'app', 'principal', 'maximum']),
  message: z.string(),
  remedy: z.string(),
})

export const buyingPolicyShape = z.object({
  ...termsWith(common.address),
  id: z.string(),
  version: z.int(),
  state: z.enum(['draft', 'published', 'retired']),
  approvalId: z.string().nullable(),
  createdAt: z.date(),
  publishedAt: z.date().nullable(),
})
export const buyingPolicy: z.core.$ZodType<entity.BuyingPolicy, entity.BuyingPolicy> = buyingPolicyShape

export const setBuyingPolicy: z.core.$ZodType<
  entity.BuyingPolicy & { replayed: boolean },
  entity.BuyingPolicy & { replayed: boolean }
> = buyingPolicyShape.extend({ replayed: z.boolean() })

export const purchaseQuoteShape = z.object({
  way,
  offer: z
    .object({
      assetId: z.string().nullable(),
      chain: common.chain,
      payee: common.address,
      price: z.bigint(),
      fee: z.bigint(),
    })
    .nullable(),
  checks: z.array(buyingCheckShape),
  problem: purchaseProblemShape.nullable(),
  allowed: z.boolean(),
})
export const purchaseQuote: z.core.$ZodType<entity.PurchaseQuote, entity.PurchaseQuote> = purchaseQuoteShape

export const purchaseShape = z.object({
  id: z.string(),
  state: purchaseState,
  way,
  method,
  url: z.string(),
  assetId: z.string().nullable(),
  payee: z.union([common.address, z.null()]),
  price: z.bigint().nullable(),
  fee: z.bigint().nullable(),
  spent: z.bigint(),
  transactionHash: z.union([common.hash, z.null()]),
  problem: purchaseProblemShape.nullable(),
  checks: z.array(buyingCheckShape),
  requestedBy: z.string(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export const purchase: z.core.$ZodType<entity.Purchase, entity.Purchase> = purchaseShape

export const purchaseAnswerShape = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  truncated: z.boolean(),
})
export const boughtPurchaseShape = purchaseShape.extend({ answer: purchaseAnswerShape.nullable() })
export const boughtPurchase: z.core.$ZodType<entity.BoughtPurchase, entity.BoughtPurchase> = boughtPurchaseShape
export const createdPurchase: z.core.$ZodType<entity.CreatedPurchase, entity.CreatedPurchase> =
  boughtPurchaseShape.extend({ replayed: z.boolean() })
