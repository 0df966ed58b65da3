import { type Address, getAddress, type Hash, type Hex, isAddress } from 'viem'
import { z } from 'zod'

/** Crossmint's answers. What they have beyond this passes through; what we rely on is checked. */

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value), 'Not hexadecimal')
const hash = z.custom<Hash>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value), 'Not a hash')
const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'Not an address')
  .transform((value): Address => getAddress(value))

/** Absent, null, empty or not a hash: it was not broadcast yet. */
const hashOrNothing = hash.nullish().catch(null)

/** ISO text, or a number of seconds or milliseconds. Null when it cannot be read: no decision hangs on it alone. */
const time = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value): Date | null => {
    if (value === null || value === undefined) return null
    const date = new Date(typeof value === 'number' && value < 100_000_000_000 ? value * 1000 : value)
    return Number.isNaN(date.getTime()) ? null : date
  })

const baseUnits = z
  .string()
  .regex(/^\d+$/)
  .transform((value) => BigInt(value))

const signer = z.looseObject({
  type: z.string().optional(),
  address: z.string().optional(),
  locator: z.string().optional(),
})

const revert = z.looseObject({
  type: z.string().optional(),
  reason: z.string().optional(),
  reasonData: z.unknown().optional(),
})

const transactionError = z.looseObject({ reason: z.string(), message: z.string(), revert: revert.nullish() })

const approvals = z.looseObject({
  pending: z.array(z.looseObject({ signer: z.union([signer, z.string()]), message: z.string() })).default([]),
  submitted: z.array(z.looseObject({ signer: z.union([signer, z.string()]), message: z.string() })).default([]),
  required: z.number().optional(),
})

const status = z.enum(['awaiting-approval', 'pending', 'success', 'failed'])

const userOperation = z.looseObject({
  sender: address,
  nonce: hex,
  callData: hex,
  callGasLimit: hex,
  verificationGasLimit: hex,
  preVerificationGas: hex,
  maxFeePerGas: hex,
  maxPriorityFeePerGas: hex,
  signature: hex.nullish(),
  paymaster: hex.nullish(),
  paymasterData: hex.nullish(),
  paymasterVerificationGasLimit: hex.nullish(),
  paymasterPostOpGasLimit: hex.nullish(),
  factory: hex.nullish(),
  factoryData: hex.nullish(),
})

export const wallet = z.looseObject({
  chainType: z.string(),
  type: z.string(),
  address,
  owner: z.string().nullish(),
  alias: z.string().nullish(),
  config: z.looseObject({ adminSigner: signer.nullish(), recoveryMethods: z.array(signer).nullish() }).nullish(),
  createdAt: time,
})

export const transaction = z.looseObject({
  id: z.string().min(1),
  chainType: z.string(),
  walletType: z.string(),
  status,
  params: z.looseObject({
    calls: z
      .array(z.looseObject({ to: z.string().optional(), value: z.string().optional(), data: z.string().optional() }))
      .optional(),
    chain: z.string().optional(),
  }),
  onChain: z.looseObject({
    userOperation: userOperation.nullish(),
    userOperationHash: hash.nullish(),
    txId: hashOrNothing,
    explorerLink: z.string().nullish(),
  }),
  approvals: approvals.nullish(),
  error: transactionError.nullish(),
  createdAt: time,
  completedAt: time,
})

export const transactions = z.looseObject({ transactions: z.array(transaction) })

export const signature = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  status,
  params: z.looseObject({}),
  approvals: approvals.nullish(),
  outputSignature: hex.nullish(),
  error: z.unknown().optional(),
  createdAt: time,
  completedAt: time,
})

/** `rawAmount` is in base units. */
export const balances = z.array(
  z.looseObject({
    symbol: z.string().nullish(),
    name: z.string().nullish(),
    decimals: z.number().int(),
    amount: z.string(),
    rawAmount: baseUnits,
    chains: z.record(
      z.string(),
      z.looseObject({
        locator: z.string().nullish(),
        amount: z.string(),
        rawAmount: baseUnits,
        contractAddress: z.string().nullish(),
      }),
    ),
  }),
)

const party = z.looseObject({
  address: z.string(),
  chain: z.string().nullish(),
  locator: z.string().nullish(),
  owner: z.string().nullish(),
})

/** One movement of a token, in the transfer history and in webhooks alike. */
export const transfer = z.looseObject({
  type: z.string().nullish(),
  sender: party,
  recipient: party,
  token: z.looseObject({
    type: z.string().nullish(),
    chain: z.string().nullish(),
    locator: z.string().nullish(),
    contractAddress: z.string().nullish(),
    symbol: z.string().nullish(),
    decimals: z.number().int().nullish(),
    amount: z.string().nullish(),
    rawAmount: baseUnits.nullish(),
  }),
  status: z.string(),
  transferId: z.string().nullish(),
  onChain: z.looseObject({ txId: hashOrNothing, explorerLink: z.string().nullish() }).nullish(),
  completedAt: time,
  error: z
    .looseObject({ reason: z.string().nullish(), message: z.string().nullish(), revert: revert.nullish() })
    .nullish(),
})

export const transfers = z.looseObject({
  data: z.array(transfer),
  nextCursor: z.string().nullish(),
  previousCursor: z.string().nullish(),
})

/** Of any answer that is not a success: `error` is a flag, or the reason as an object. */
export const failure = z.looseObject({
  error: z.union([transactionError, z.boolean(), z.string()]).nullish(),
  message: z.union([z.string(), z.array(z.string())]).nullish(),
  code: z.string().nullish(),
})

export type Wallet = z.infer<typeof wallet>
export type Transaction = z.infer<typeof transaction>
export type UserOperation = z.infer<typeof userOperation>
export type Signature = z.infer<typeof signature>
export type Balances = z.infer<typeof balances>
export type Transfer = z.infer<typeof transfer>
export type Transfers = z.infer<typeof transfers>
export type Failure = z.infer<typeof failure>
export type TransactionFailure = z.infer<typeof transactionError>
