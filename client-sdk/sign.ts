import type { TRPCProcedureOptions } from '@trpc/client'
import type { Hash, Payment, WalletCalls } from '../server/contract/entities.ts'
import { alone } from './alone.ts'
import { type Client, persistent } from './client.ts'
import { ProviderServiceError } from './errors.ts'
import { untilAborted } from './pause.ts'
import { type IntentionStorage, usualStorage } from './storage.ts'
import { type WalletSender, walletError } from './wallet.ts'

interface Signing {
  wallet: WalletSender
  storage: IntentionStorage | undefined
  signal: AbortSignal | undefined
}

/** What a wallet sent for a payment, and whether the service knows. */
interface Sent {
  hash: Hash
  reported: boolean
}

/** Where it is kept what was sent for a payment. */
const entryOf = ({ id }: Payment) => `provider-service:sent:${id}`

/**
 * Has a payment signed and sent by its owner's wallet, and reports it; or reports what was sent before, here or in another tab, and asks
 * nobody.
 *
 * An abort leaves the owner alone with the wallet: if they agree later, that is kept and reported all the same.
 *
 * @throws ProviderServiceError: what the service refused; WALLET_REJECTED, WRONG_CHAIN, WALLET_FAILED
 */
export function sign(
  client: Client,
  payment: Payment,
  { wallet, storage = usualStorage(), signal }: Signing,
): Promise<void> {
  const entry = entryOf(payment)
  const keep = async (sent: Sent) => {
    // what does not fit there is reported none the less
    await Promise.resolve(storage.setItem(entry, JSON.stringify(sent))).catch(() => {})
  }
  const signOrReport = async () => {
    const known = await storage.getItem(entry)
    const sent: Sent = known === null ? { hash: await send(), reported: false } : JSON.parse(known)
    if (sent.reported) return
    await keep(sent)
    await external(client).submitted.mutate({ paymentId: payment.id, hash: sent.hash }, { context: persistent })
    await keep({ ...sent, reported: true })
  }
  const send = async () => {
    const calls = await external(client).calls.mutate({ paymentId: payment.id }, { signal, context: persistent })
    requirePayer(wallet, calls)
    signal?.throwIfAborted()
    return wallet.sendCalls(calls).catch((cause: unknown) => {
      throw walletError(cause)
    })
  }
  return untilAborted(() => alone(entry, signOrReport, signal), signal)
}

/** Whether a wallet sent something for a payment, as is known here. */
export const isSent = async (payment: Payment, storage: IntentionStorage = usualStorage()): Promise<boolean> =>
  (await storage.getItem(entryOf(payment))) !== null

/** Forgets what was sent for a payment that is over. */
export const forget = async (payment: Payment, storage: IntentionStorage = usualStorage()): Promise<void> =>
  storage.removeItem(entryOf(payment))

function requirePayer({ address }: WalletSender, { from }: WalletCalls): void {
  if (address.toLowerCase() === from.toLowerCase()) return
  throw new ProviderServiceError(
    `This payment is to be made from ${from}, and the wallet is at ${address}. Choose that account.`,
    {
      code: 'WALLET_FAILED',
      retryable: true,
      details: { from, address },
    },
  )
}

interface External {
  calls: { mutate(input: { paymentId: string }, options: TRPCProcedureOptions): Promise<WalletCalls> }
  submitted: { mutate(input: { paymentId: string; hash: Hash }, options: TRPCProcedureOptions): Promise<Payment> }
}

/** The procedures by which a payment is made from outside. */
const external = ({ payments }: Client) => payments as unknown as External
