import type { Hash, Payment, WalletCalls } from '../server/contract/entities.ts'
import { alone } from './alone.ts'
import { type Client, persistent } from './client.ts'
import { isProviderError, ProviderServiceError } from './errors.ts'
import { untilAborted } from './pause.ts'
import { type IntentionStorage, usualStorage } from './storage.ts'
import { type WalletSender, walletError } from './wallet.ts'

interface Signing {
  wallet: WalletSender
  storage: IntentionStorage | undefined
  signal: AbortSignal | undefined
  insist?: Insist
}

/** Asks the service, and again while there is no answer. What it asks is safe to be asked again. */
export type Insist = <T>(ask: (call: { context?: Record<string, unknown> }) => Promise<T>) => Promise<T>

const persistently: Insist = (ask) => ask({ context: persistent })

/** What a wallet sent for a payment, and whether the service knows. */
interface Sent {
  hash: Hash
  reported: boolean
}

/** Where it is kept what was sent for a payment. */
const entryOf = ({ id }: Payment) => `provider-service:sent:${id}`

/**
 * Has a payment signed and sent by its owner's wallet, and reports it; or reports what was sent before, here or in another tab, and asks
 * nobody. Nor is anybody asked when the service knows of a transaction that carries it.
 *
 * An abort leaves the owner alone with the wallet: if they agree later, that is kept and reported all the same.
 *
 * @throws ProviderServiceError: what the service refused; WALLET_REJECTED, WRONG_CHAIN, WALLET_FAILED
 */
export function sign(
  client: Client,
  payment: Payment,
  { wallet, storage = usualStorage(), signal, insist = persistently }: Signing,
): Promise<void> {
  const { id: paymentId } = payment
  const send = async (): Promise<Hash | null> => {
    const { transactionHash } = await insist((call) => client.payments.get.query({ paymentId }, { ...call, signal }))
    if (transactionHash !== null) return null
    const calls = await insist((call) => client.payments.calls.mutate({ paymentId }, { ...call, signal }))
    requirePayer(wallet, calls)
    signal?.throwIfAborted()
    return wallet.sendCalls(calls).catch((cause: unknown) => {
      throw walletError(cause)
    })
  }
  const signOrReport = async () => {
    if (await reported(client, payment, storage, insist)) return
    const hash = await send().catch(nullIfNotSignable)
    if (hash === null) return
    await keep(storage, payment, { hash, reported: false })
    await reported(client, payment, storage, insist, hash)
  }
  return untilAborted(() => alone(entryOf(payment), signOrReport, signal), signal)
}

/** Reports what was sent for a payment, if the service has not been told of it. @returns whether it was told of anything now */
export function report(
  client: Client,
  payment: Payment,
  storage: IntentionStorage = usualStorage(),
  insist: Insist = persistently,
): Promise<boolean> {
  return alone(entryOf(payment), async () => {
    const sent = await sentFor(payment, storage)
    return sent !== null && !sent.reported && reported(client, payment, storage, insist)
  })
}

/** Makes sure that the service knows what was sent: `hash`, or what is kept. @returns whether anything was sent */
async function reported(
  client: Client,
  payment: Payment,
  storage: IntentionStorage,
  insist: Insist,
  hash?: Hash,
): Promise<boolean> {
  const sent = hash === undefined ? await sentFor(payment, storage) : { hash, reported: false }
  if (sent === null) return false
  if (!sent.reported) {
    const input = { paymentId: payment.id, hash: sent.hash }
    await insist((call) => client.payments.submitted.mutate(input, call)).catch((error: unknown) => {
      // found on the chain before it was told of
      if (!isProviderError(error, 'ALREADY_PAID')) throw error
    })
    await keep(storage, payment, { ...sent, reported: true })
  }
  return true
}

async function sentFor(payment: Payment, storage: IntentionStorage): Promise<Sent | null> {
  const text = await storage.getItem(entryOf(payment))
  return text === null ? null : (JSON.parse(text) as Sent)
}

async function keep(storage: IntentionStorage, payment: Payment, sent: Sent): Promise<void> {
  try {
    await storage.setItem(entryOf(payment), JSON.stringify(sent))
  } catch {
    // what does not fit there is reported none the less
  }
}

/** Somebody has reported a transaction for it, or it is over: what it came to is seen when it is read again. */
function nullIfNotSignable(error: unknown): null {
  if (isProviderError(error, 'NOT_SIGNABLE')) return null
  throw error
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
    `This payment is to be made from ${from}, and the wallet is at ${address}. Choose that account, then try again.`,
    {
      code: 'WALLET_FAILED',
      retryable: true,
      details: { from, address },
    },
  )
}
