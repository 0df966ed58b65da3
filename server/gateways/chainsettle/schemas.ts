import { type Address, getAddress, type Hash, isAddress } from 'viem'
import { z } from 'zod'

/**
 * Chainsettle's answers. What is not named here is dropped: a settlement may carry e-mail addresses and access tokens of payment services,
 * which its interface gives to anybody who asks.
 */

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'Not an address')
  .transform((value): Address => getAddress(value))

/** With `0x` before it or, as its own client sends it, without. */
const hash = z
  .string()
  .regex(/^(0x)?[0-9a-f]{64}$/i, 'Not a hash')
  .transform((value): Hash => `0x${value.replace(/^0x/i, '').toLowerCase()}`)

const words = z.array(z.string()).default([])

/** 0 Initialized, 1 Registered, 2 Attested, 3 Confirmed, 4 Failed. */
export const settlementStatus = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)])

/** The first generation has words; the last two of them are all that it ends with. */
const statusInWords = z
  .enum(['initialized', 'registered', 'pending', 'attested', 'confirmed', 'failed'])
  .transform((word): z.infer<typeof settlementStatus> => {
    const numbers = { initialized: 0, registered: 1, pending: 1, attested: 2, confirmed: 3, failed: 4 } as const
    return numbers[word]
  })

const anyStatus = z.union([settlementStatus, statusInWords])

export const failure = z.object({ error: z.string().min(1) })

export const health = z.object({
  status: z.string(),
  git_commit: z.string().nullish(),
  build_time: z.string().nullish(),
})

/** The first generation has no asset categories and no jurisdictions. */
export const settlementTypes = z.object({
  supported_types: z.array(z.string()),
  supported_networks: z.array(z.string()),
  supported_asset_categories: words,
  supported_jurisdictions: words,
})

/** By Chainsettle's word for a network, such as `base`, which is Base Sepolia. Registries by type, and `ValidatorRegistry`. */
export const config = z.record(
  z.string(),
  z.object({
    registry_addresses: z.record(z.string(), address),
    explorer_url: z.string().nullish(),
    factory_address: address.nullish(),
  }),
)

/** `envelope_id` and `recipient_id` are for signing a document, `user_url` is where the user goes on. */
const settlementInfo = z.object({
  id_hash: hash.nullish(),
  settlement_id: z.string().nullish(),
  salt: hash.nullish(),
  tx_hash: hash.nullish(),
  tx_url: z.string().nullish(),
  envelope_id: z.string().nullish(),
  recipient_id: z.string().nullish(),
  user_url: z.string().nullish(),
})

export const initiated = z.object({ settlement_info: settlementInfo.extend({ id_hash: hash }) })

/** The third generation: the caller computed the id. */
export const registered = z.object({ settlement_info: settlementInfo })

/** `internal_status` is `attested` where all went well. */
export const attested = z.object({
  internal_status: z.string(),
  attest_tx_hash: hash.nullish(),
  validate_tx_hash: hash.nullish(),
})

/**
 * How a settlement stands by the word of the HTTP interface. `finalized` is null where it does not tell: former versions say `status`
 * and nothing else.
 */
export const settlementStanding = z
  .object({ status_enum: anyStatus.optional(), status: anyStatus.optional(), is_finalized: z.boolean().nullish() })
  .transform(({ status_enum, status, is_finalized }, context) => {
    const told = status_enum ?? status
    if (told !== undefined) return { status: told, finalized: is_finalized ?? null }
    context.addIssue({ code: 'custom', message: 'It has no status' })
    return z.NEVER
  })

export const settlement = z.object({
  data: z.object({
    id_hash: hash.nullish(),
    settlement_id: z.string().nullish(),
    settlement_type: z.string().nullish(),
    network: z.string().nullish(),
    counterparty: address.nullish(),
    witness: address.nullish(),
    status_enum: anyStatus.nullish(),
    is_finalized: z.boolean().nullish(),
    tx_hash: hash.nullish(),
    attest_tx_hash: hash.nullish(),
    validate_tx_hash: hash.nullish(),
  }),
})

export const validatorList = z.object({
  'Attest Node': address,
  'Number of Validators': z.coerce.number().int().min(0),
  'Validator Registry': address,
})

export const acknowledged = z.object({})

export type SettlementStatus = z.infer<typeof settlementStatus>
export type SettlementStanding = z.infer<typeof settlementStanding>
export type Settlement = z.infer<typeof settlement>['data']
export type Config = z.infer<typeof config>
