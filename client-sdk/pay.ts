import type { Payment } from '../server/contract/entities.ts'
import type { Client } from './client.ts'
import { errorOf, ProviderServiceError } from './errors.ts'
import { pause } from './pause.ts'

export interface PayOptions {
  paywallId: string
  walletId: string
  /**
   * One per intention to pay, kept across retries. Made here if you give none; give your own (an order number, say) when the
   * intention must outlive this process.
   */
  idempotencyKey?: string
  /** Gives up waiting, not paying: the payment goes on, and the same key finds it again. */
  signal?: AbortSignal
  /** Told of the payment whenever its state changes. */
  onChange?: (payment: Payment) => void
}

/** A settled payment: the chain shows it. */
export type SettledPayment = Payment & { state: 'settled'; transactionHash: `0x${string}`; replayed: boolean }

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000

/**
 * Pays a paywall and resolves when the payment is settled on the chain. A call whose answer is lost is repeated with the same
 * idempotency key, so that it never pays twice.
 *
 * @throws ProviderServiceError: what the service refused; or `PAYMENT_NOT_SETTLED` with the payment, when it ended otherwise or
 *   needs an operator's attention
 */
export async function pay(client: Client, options: PayOptions): Promise<SettledPayment> {
  const { paywallId, walletId, idempotencyKey = crypto.randomUUID(), signal, onChange } = options
  const { replayed, ...accepted } = await persistently(
    () => client.payments.create.mutate({ paywallId, walletId, idempotencyKey }, { signal }),
    signal,
  )
  let payment: Payment = accepted
  onChange?.(payment)
  for (let wait = FIRST_WAIT; !isOver(payment); wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
    await pause(wait, signal)
    const now = await persistently(() => client.payments.get.query({ paymentId: accepted.id }, { signal }), signal)
    if (now.state !== payment.state) onChange?.(now)
    payment = now
  }
  if (payment.state === 'settled') return { ...payment, replayed } as SettledPayment
  throw new ProviderServiceError(
    payment.failure?.message ?? `The payment is ${payment.state}.`,
    {
      code: 'PAYMENT_NOT_SETTLED',
      retryable: false,
      status: null,
      requestId: null,
      issues: [],
      details: { paymentId: payment.id, state: payment.state, reason: payment.failure?.reason ?? payment.state },
    },
    { payment },
  )
}

const isOver = ({ state }: Payment) => state !== 'held' && state !== 'accepted' && state !== 'submitted'

/** How often a call is repeated that may succeed later. With the growing pauses between, that is about two minutes. */
const TRIES = 30

async function persistently<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1, wait = FIRST_WAIT; ; tries++, wait = Math.min(LONGEST_WAIT, wait * 2)) {
    try {
      return await call()
    } catch (cause) {
      signal?.throwIfAborted()
      const error = errorOf(cause)
      const worthIt = error.retryable && error.code !== 'INSUFFICIENT_BALANCE'
      if (!worthIt || tries === TRIES) throw error
      await pause(wait * (0.5 + Math.random() / 2), signal)
    }
  }
}
