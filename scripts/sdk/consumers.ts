/** What a consumer would write against the core: every kind of call, and what must not compile. */
export const core = `
import { all, createClient, errorOf, events, intentions, isProviderError, pay, signIn, signOut, verifyWebhook, type EercOperation, type EercPreflight, type EercToken, type ErrorCode, type Payment, type ProviderErrorCode, type Role, type SettledPayment, type Signer, type TokenAction, type WalletSender } from '@provider-service/client'

const client = createClient({ url: 'https://provider.example.com', apiKey: 'psk_' })
export async function people(signer: Signer): Promise<Role[]> {
  const browser = createClient({ url: 'https://provider.example.com' })
  const { user } = await signIn(browser, { appId: '1', signer })
  await signOut(browser, { everywhere: true })
  createClient({ url: 'https://provider.example.com', token: async (refused?: string) => refused ?? 'ey' })
  const me = await browser.auth.me.query()
  return me.kind === 'user' ? me.user.roles : user.roles
}
export async function freeze({ id: tokenId }: EercToken, action: TokenAction & { type: 'freeze' }): Promise<EercOperation> {
  const { outcome }: EercPreflight = await client.eerc.preflight.query({ tokenId, action })
  const { holder, frozen } = action
  return client.eerc.freeze.mutate({ tokenId, holder, frozen, reason: outcome, idempotencyKey: '1' })
}
export async function follow(signal: AbortSignal): Promise<bigint> {
  for await (const { id, data } of client.events.on.subscribe({ types: ['payment.*'], lastEventId: '7' }, { signal }))
    if (BigInt(id) !== data.position) break
  // @ts-expect-error there is no such type
  events(client, { types: ['payment.destroyed'] })
  for await (const event of events(client, { from: 7n, types: ['payment.*', '*.attention', 'hold.placed'], signal })) {
    if (event.type === 'payment.settled') return event.position + BigInt(event.data.amount)
    // @ts-expect-error there is no such type
    if (event.type === 'payment.destroyed') break
  }
  return 0n
}
export async function lists(): Promise<bigint> {
  let sum = 0n
  for await (const { amount } of all(client.payments.list, { state: 'settled' })) sum += amount
  for await (const { hash } of all(client.audit.trail, { objectId: '1' })) sum += BigInt(hash.length)
  // @ts-expect-error an object is needed
  all(client.audit.trail)
  // @ts-expect-error there is no such state
  all(client.payments.list, { state: 'lost' })
  const { items } = await client.paywalls.list.query({ limit: 5 })
  return sum + items.reduce((total, { price }) => total + price, 0n)
}
export async function example(wallet: WalletSender): Promise<SettledPayment> {
  const quote = await client.payments.quote.query({ paywallId: '1', walletId: '2' })
  const amount: bigint = quote.amount
  const { items } = await client.payments.list.query({ state: 'settled' })
  const when: Date | undefined = items[0]?.createdAt
  const payment: Payment | undefined = items[0]
  // @ts-expect-error amounts are no numbers
  const wrong: number = quote.amount
  // @ts-expect-error there is no such procedure
  client.payments.destroy.mutate({})
  // @ts-expect-error a key is needed
  client.payments.create.mutate({ paywallId: '1', walletId: '2' })
  const idempotencyKey = await intentions().keyOf('1')
  try {
    return await pay(client, { paywallId: '1', walletId: '2', wallet, idempotencyKey })
  } catch (error) {
    if (isProviderError(error, 'REFUSED_BY_COMPLIANCE')) throw new Error(error.details.checks[0]?.remedy ?? '')
    if (isProviderError(error, 'PAYMENT_NOT_SETTLED')) throw new Error(error.payment.state)
    const code: ProviderErrorCode = errorOf(error).code
    throw new Error([code, amount, when, payment, wrong].join())
  }
}
export function sentence(code: ErrorCode & ('NOT_FOUND' | 'CONFLICT')): string {
  switch (code) {
    case 'NOT_FOUND':
      return 'gone'
    case 'CONFLICT':
      return 'again'
    default:
      return code satisfies never
  }
}
export const hook = async (request: Request) =>
  (await verifyWebhook('whsec_', { headers: request.headers, body: await request.text() })).type
`

/** What a consumer would write against the sub-paths, with what they bring along themselves. */
export const subPaths = `
import { createClient } from '@provider-service/client'
import { serverClient, serviceProxy, webhookRoute } from '@provider-service/client/next'
import { ServiceProvider, useAccess, usePay } from '@provider-service/client/react'
import { signer, wallet, watchWallet } from '@provider-service/client/wagmi'
import type { Config } from '@wagmi/core'

const client = createClient({ url: '/api/provider' })
export const provider = ServiceProvider
export const { GET, POST } = serviceProxy({ url: 'http://127.0.0.1:4000' })
export const hook = webhookRoute({ secrets: 'whsec_', onEvent: ({ type }) => type })
export const payments = (headers: Headers) => serverClient({ url: 'http://127.0.0.1:4000', headers }).payments.list.query({})
export const stop = (config: Config) => watchWallet(config, { client })
export const signing = (config: Config): string => signer(config).address
export function usePaying(config: Config) {
  const { pay, state } = usePay({ paywallId: '1', walletId: '2', wallet: () => wallet(config) })
  return { pay, state, access: useAccess('1', '2') }
}
`

/** What examples take for granted. */
export const given = `
import type { Client, SettledPayment, Signer } from '@provider-service/client'
import type { Config as WagmiConfig } from '@wagmi/core'
import * as query from '@tanstack/react-query'
import * as react from 'react'
export type ReactNode = react.ReactNode
export declare const QueryClient: typeof query.QueryClient
export declare const useSuspenseQuery: typeof query.useSuspenseQuery
export declare const useEffect: typeof react.useEffect
export declare const queryClient: query.QueryClient
export declare const client: Client
export declare const config: WagmiConfig
export declare const signer: Signer
export declare const payment: SettledPayment
export declare const appId: string
export declare const paywallId: string
export declare const walletId: string
export declare const paymentId: string
export declare const orderNumber: number
export declare const secret: string
export declare const request: Request
export declare const error: unknown
export declare const isOpen: boolean
export declare const process: { env: Record<string, string | undefined> }
export declare const router: { refresh(): void }
export declare function service(): Promise<Client>
export declare function shipOnce(eventId: string, paywallId: string): Promise<void>
export declare function Article(): react.ReactNode
export declare function PayButton(): react.ReactNode
export declare function SignIn(): react.ReactNode
export declare function SignOut(): react.ReactNode
export declare function Skeleton(): react.ReactNode
`
