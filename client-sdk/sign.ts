import type { Hash, Payment, WalletCalls } from '../server/contract/entities.ts'
import { alone } from './alone.ts'
import { type Client, persistent } from './client.ts'
import { isProviderError, ProviderServiceError } from './errors.ts'
import { isOver, newsOf } from './follow.ts'
import { pause, untilAborted } from './pause.ts'
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
  /** Null where the wallet was asked and it is not known what it did. */
  hash: Hash | null
  reported: boolean
}

const LOOK_AGAIN = 5_000

/** Where it is kept what was sent for a payment. */
const entryOf = ({ id }: Payment) => `provider-service:sent:${id}`

/**
 * Has a payment signed and sent by its owner's wallet, and reports it; or reports what was sent before, here or in another tab, and asks
 * nobody. Nor is anybody asked when the service knows of a transaction that carries it, or finds one on the chain; nor waited for, once it does.
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
    const before = await sentFor(payment, storage)
    // whoever comes back to a page that was closed meanwhile is told to look in the wallet
    await keep(storage, payment, { hash: null, reported: false })
    return wallet.sendCalls(calls).catch(async (cause: unknown) => {
      const error = walletError(cause)
      if (before === null && isUnsent(error)) await forget(payment, storage)
      throw error
    })
  }
  let isTelling = false
  const signOrReport = async () => {
    if (await reported(client, payment, storage, insist)) return
    const hash = await send().catch(nullIfNotSignable)
    if (hash === null) return
    isTelling = true
    await keep(storage, payment, { hash, reported: false })
    await reported(client, payment, storage, insist, hash)
  }
  const signedOrCarried = () => {
    const signed = alone(entryOf(payment), signOrReport, signal)
    const elsewhere = carried(client, payment, done.signal).then(() => (isTelling ? signed : undefined))
    return Promise.race([signed, elsewhere])
  }
  const done = new AbortController()
  return untilAborted(signedOrCarried, signal).finally(() => done.abort())
}

/** Resolves when the service knows of a transaction that carries a payment, or it is over: a wallet's answer can be lost. */
async function carried(client: Client, { id: paymentId }: Payment, signal: AbortSignal): Promise<void> {
  const news = newsOf(client)
  try {
    for (let now: Payment | null = null; !now || (now.transactionHash === null && !isOver(now)); ) {
      await pause(LOOK_AGAIN, signal, news.about(paymentId))
      now = await client.payments.get.query({ paymentId }, { signal }).catch(() => null)
    }
  } finally {
    news.leave()
  }
}

/** Whether a wallet that failed so has certainly sent nothing. */
function isUnsent({ code, details }: ProviderServiceError): boolean {
  const { reason = 'failed' } = details as { reason?: unknown }
  return code !== 'WALLET_FAILED' || reason !== 'failed'
}

/** Reports what was sent for a payment, if the service has not been told of it. @returns whether it was told of anything now */
export async function report(
  client: Client,
  payment: Payment,
  storage: IntentionStorage = usualStorage(),
  { insist = persistently, signal }: { insist?: Insist; signal: AbortSignal | undefined },
): Promise<boolean> {
  const isUntold = async () => {
    const sent = await sentFor(payment, storage)
    return sent !== null && sent.hash !== null && !sent.reported
  }
  const tell = async () => (await isUntold()) && reported(client, payment, storage, insist)
  // looked at before it is waited for a tab whose wallet may never answer
  return (await isUntold()) && untilAborted(() => alone(entryOf(payment), tell, signal), signal)
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
  if (sent === null || sent.hash === null) return false
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

/** What is known here of what a wallet did for a payment; null where it was not asked. */
export async function sentFor(payment: Payment, storage: IntentionStorage): Promise<Sent | null> {
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
