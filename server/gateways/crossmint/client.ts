import type { Address, Hex } from 'viem'
import * as schemas from './schemas.ts'
import type { Transport } from './transport.ts'

/** A raw call as Crossmint takes it. `value` is wei in decimal digits. */
export interface RawCall {
  to: Address
  value: string
  data: Hex
}

/** Body of a transaction: `chain` and `signer` in Crossmint's words. */
export interface NewTransaction {
  calls: readonly RawCall[]
  chain: string
  signer?: string
}

export interface NewWallet {
  owner?: string
  alias?: string
  adminSigner: { type: 'external-wallet' | 'server'; address: Address } | { type: 'api-key' }
}

export interface Approval {
  signer: string
  signature: Hex
}

/** All four members of the domain are needed; a bigint inside must be text already. */
export interface TypedData {
  domain: { name: string; version: string; chainId: number; verifyingContract: Address; salt?: Hex }
  types: Readonly<Record<string, readonly { name: string; type: string }[]>>
  primaryType: string
  message: Readonly<Record<string, unknown>>
}

export type NewSignature =
  | { type: 'message'; params: { message: string; chain: string; signer?: string } }
  | {
      type: 'typed-data'
      params: { typedData: TypedData; chain: string; signer?: string; isSmartWalletSignature?: boolean }
    }

/** Body of a token transfer. `amount` is in units of the token with a decimal point, never base units. */
export interface NewTransfer {
  recipient: string
  amount: string
  signer?: string
}

export interface Keyed {
  idempotencyKey: string
}

/**
 * Crossmint's REST interface, an operation each, as it is: bodies in its words, one request a call (but for the wait on a 429).
 * Wallets are named by any of its locators. Every operation throws `ProviderError`.
 */
export type CrossmintClient = ReturnType<typeof createClient>

const version = '/2025-06-09'

export function createClient({ send }: Transport) {
  return {
    createWallet: ({ owner, alias, adminSigner }: NewWallet, { idempotencyKey }: Keyed) =>
      send({
        operation: 'createWallet',
        method: 'POST',
        path: `${version}/wallets`,
        body: { chainType: 'evm', type: 'smart', config: { adminSigner }, owner, alias },
        idempotencyKey,
        answer: schemas.wallet,
      }),

    getWallet: (locator: string) =>
      send({ operation: 'getWallet', method: 'GET', path: walletPath(locator), answer: schemas.wallet }),

    /** `tokens`: symbols or token locators; at least one. */
    getBalances: (locator: string, query: { tokens: readonly string[]; chains?: readonly string[] }) =>
      send({
        operation: 'getBalances',
        method: 'GET',
        path: `${walletPath(locator)}/balances`,
        query: { tokens: query.tokens.join(','), chains: query.chains?.join(',') },
        answer: schemas.balances,
      }),

    createTransaction: (
      locator: string,
      params: NewTransaction,
      { idempotencyKey, prepaid = false }: Keyed & { prepaid?: boolean },
    ) =>
      send({
        operation: 'createTransaction',
        method: 'POST',
        path: `${walletPath(locator)}/transactions`,
        body: { params },
        idempotencyKey,
        prepaid,
        answer: schemas.transaction,
      }),

    getTransaction: (locator: string, id: string) =>
      send({
        operation: 'getTransaction',
        method: 'GET',
        path: `${walletPath(locator)}/transactions/${encodeURIComponent(id)}`,
        answer: schemas.transaction,
      }),

    /** `page` counts from 1. */
    listTransactions: (locator: string, query: { page: number; perPage: number; dateFrom?: Date }) =>
      send({
        operation: 'listTransactions',
        method: 'GET',
        path: `${walletPath(locator)}/transactions`,
        query: { page: `${query.page}`, perPage: `${query.perPage}`, dateFrom: query.dateFrom?.toISOString() },
        answer: schemas.transactions,
      }),

    approveTransaction: (
      locator: string,
      id: string,
      approvals: readonly Approval[],
      { prepaid = false }: { prepaid?: boolean } = {},
    ) =>
      send({
        operation: 'approveTransaction',
        method: 'POST',
        path: `${walletPath(locator)}/transactions/${encodeURIComponent(id)}/approvals`,
        body: { approvals },
        prepaid,
        answer: schemas.transaction,
      }),

    createSignature: (locator: string, signature: NewSignature, { idempotencyKey }: Keyed) =>
      send({
        operation: 'createSignature',
        method: 'POST',
        path: `${walletPath(locator)}/signatures`,
        body: signature,
        idempotencyKey,
        answer: schemas.signature,
      }),

    getSignature: (locator: string, id: string) =>
      send({
        operation: 'getSignature',
        method: 'GET',
        path: `${walletPath(locator)}/signatures/${encodeURIComponent(id)}`,
        answer: schemas.signature,
      }),

    /** What Crossmint wants signed here cannot be checked by us: never approve one that the service itself did not ask for. */
    approveSignature: (locator: string, id: string, approvals: readonly Approval[]) =>
      send({
        operation: 'approveSignature',
        method: 'POST',
        path: `${walletPath(locator)}/signatures/${encodeURIComponent(id)}/approvals`,
        body: { approvals },
        answer: schemas.signature,
      }),

    /** `token`: a token locator such as `avalanche-fuji:0x…`. The answer is a transaction that waits for approval like any other. */
    transferToken: (locator: string, token: string, transfer: NewTransfer, { idempotencyKey }: Keyed) =>
      send({
        operation: 'transferToken',
        method: 'POST',
        path: `${walletPath(locator)}/tokens/${encodeURIComponent(token)}/transfers`,
        body: transfer,
        idempotencyKey,
        answer: schemas.transaction,
      }),

    getTransfer: (locator: string, token: string, id: string) =>
      send({
        operation: 'getTransfer',
        method: 'GET',
        path: `${walletPath(locator)}/tokens/${encodeURIComponent(token)}/transfers/${encodeURIComponent(id)}`,
        answer: schemas.transaction,
      }),

    /** ERC-20 movements only, up to ten minutes late, a transfer to oneself twice. */
    listTransfers: (
      locator: string,
      query: {
        chain: string
        tokens: readonly string[]
        status: 'successful' | 'failed'
        cursor?: string
        limit?: number
        sort?: 'asc' | 'desc'
        fromDate?: Date
        toDate?: Date
      },
    ) =>
      send({
        operation: 'listTransfers',
        method: 'GET',
        path: `/unstable/wallets/${encodeURIComponent(locator)}/transfers`,
        query: {
          chain: query.chain,
          tokens: query.tokens.join(','),
          status: query.status,
          cursor: query.cursor,
          limit: query.limit?.toString(),
          sort: query.sort,
          fromDate: query.fromDate?.toISOString(),
          toDate: query.toDate?.toISOString(),
        },
        answer: schemas.transfers,
      }),
  }
}

function walletPath(locator: string): string {
  return `${version}/wallets/${encodeURIComponent(locator)}`
}
