import { randomBytes } from 'node:crypto'
import { type Address, type Hex, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { mintUsdc } from '../../../../sandbox/chain/deploy-contracts.ts'
import { FUJI } from '../../../../sandbox/sandbox.ts'
import type { World } from '../../../support/world.ts'

/** What an authorization says; amounts and times in decimal. */
export interface Authorization {
  from: Address
  to: Address
  value: string
  validAfter: string
  validBefore: string
  nonce: Hex
}

/** An offer of the protocol's second version, as far as a buyer needs it. */
export interface Requirements {
  scheme: string
  network: string
  amount: string
  asset: Address
  payTo: Address
  maxTimeoutSeconds: number
  extra: Record<string, string>
}

export interface Required {
  x402Version: number
  error: string
  resource: { url: string }
  accepts: Requirements[]
  extensions: Record<string, { info: Record<string, unknown> }>
}

/** A payment before it is a header. */
export interface Payload {
  x402Version: number
  accepted: Requirements
  payload: { signature: Hex; authorization: Authorization }
  extensions?: Record<string, unknown>
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
export const decode = <T>(header: string | null): T => JSON.parse(Buffer.from(header ?? '', 'base64').toString()) as T

export const urlOf = (world: { url: string }, paywallId: string): string => `${world.url}/x402/paywalls/${paywallId}`

/** Asks for the offer, as a client does that knows nothing. */
export async function offerAt(url: string): Promise<Required> {
  const response = await fetch(url)
  if (response.status !== 402) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return decode<Required>(response.headers.get('payment-required'))
}

const types = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** What a wallet signs to pay. */
export const typedDataOf = ({ network, asset, extra }: Requirements, authorization: Authorization) => ({
  domain: {
    name: extra.name!,
    version: extra.version!,
    chainId: Number(network.slice('eip155:'.length)),
    verifyingContract: asset,
  },
  types,
  primaryType: 'TransferWithAuthorization' as const,
  message: {
    ...authorization,
    value: BigInt(authorization.value),
    validAfter: BigInt(authorization.validAfter),
    validBefore: BigInt(authorization.validBefore),
  },
})

/** An authorization of the offer, valid from ten minutes ago for a minute from now. */
export function authorizationOf(from: Address, { payTo, amount }: Requirements, patch: Partial<Authorization> = {}) {
  const now = Math.floor(Date.now() / 1000)
  return {
    from,
    to: payTo,
    value: amount,
    validAfter: String(now - 600),
    validBefore: String(now + 60),
    nonce: toHex(randomBytes(32)),
    ...patch,
  } satisfies Authorization
}

/** Somebody with a key and money, who pays by the protocol. */
export interface Buyer {
  address: Address
  key: Hex
  /** Signs a payment of the offer. */
  pay(requirements: Requirements, patch?: Partial<Authorization>): Promise<Payload>
}

export async function buyer(world: Pick<World, 'chain'>, amount = 1_000_000n): Promise<Buyer> {
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  if (amount > 0n) await mintUsdc(world.chain.url, { to: account.address, amount })
  return {
    address: account.address,
    key,
    async pay(accepted, patch) {
      const authorization = authorizationOf(account.address, accepted, patch)
      const signature = await account.signTypedData(typedDataOf(accepted, authorization))
      return { x402Version: 2, accepted, payload: { signature, authorization } }
    },
  }
}

/** Shows a payment. */
export const present = (url: string, payload: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, headers: { ...init.headers, 'payment-signature': encode(payload) } })

/** What the header says of a payment's end. */
export interface Settlement {
  success: boolean
  errorReason?: string
  payer?: string
  transaction: string
  network: string
  amount?: string
}

export const settlementIn = (response: Response): Settlement =>
  decode<Settlement>(response.headers.get('payment-response'))

export const network = `eip155:${FUJI}`
