import type { Hash, Payment } from '../server/contract/entities.ts'
import { type Client, persistent } from './client.ts'
import { ProviderServiceError } from './errors.ts'
import { isOver, newsOf } from './follow.ts'
import { intentions } from './intentions.ts'
import { pause } from './pause.ts'
import { forget, report, sign } from './sign.ts'
import type { IntentionStorage } from './storage.ts'
import type { WalletSender } from './wallet.ts'

export interface PayOptions {
  paywallId: string
  walletId: string
  /** Signs and sends, where the wallet is the caller's own (`external`). */
  wallet?: WalletSender
  /**
   * One per intention to pay; give your own, such as an order number, when it must outlive this process. By default, with a `wallet`, it is
   * kept in `storage` until the payment has ended; else made for each call.
   */
  idempotencyKey?: string
  /** Gives up waiting, not paying: the payment goes on, and the same key finds it again. */
  signal?: AbortSignal
  /** Told of the payment whenever its state or its transaction changes. */
  onChange?: (payment: Payment) => void
  /** Keeps what the wallet sent until the service knows it; `localStorage` by default. */
  storage?: IntentionStorage
}

/** A settled payment: the chain shows it. */
export type SettledPayment = Payment & { state: 'settled'; transactionHash: Hash; replayed: boolean }

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000

/**
 * Pays a paywall and resolves when the payment is settled on the chain. However often it is repeated, one key pays once.
 *
 * With `wallet`, the caller's own, its owner is asked to agree to the calls: by one tab at a time, and not again once they were sent.
 *
 * @throws ProviderServiceError: what the service refused; `WALLET_REJECTED`, `WRONG_CHAIN` or `WALLET_FAILED`, after which the same key
 *   tries again; or `PAYMENT_NOT_SETTLED` with the payment, when it ended otherwise or needs an operator
 *
 * @example
 * const payment = await pay(client, { paywallId, walletId, idempotencyKey: `order-${orderNumber}` })
 * console.log(payment.transactionHash)
 */
export async function pay(client: Client, options: PayOptions): Promise<SettledPayment> {
  const { paywallId, walletId, wallet, signal, onChange, storage } = options
  const name = `${paywallId}:${walletId}`
  const kept = wallet && options.idempotencyKey === undefined ? intentions(storage) : null
  const idempotencyKey = options.idempotencyKey ?? (await kept?.keyOf(name)) ?? crypto.randomUUID()
  const call = { signal, context: persistent }
  const { replayed, ...accepted } = await client.payments.create.mutate({ paywallId, walletId, idempotencyKey }, call)
  let payment: Payment = accepted
  const changed = (now: Payment) => {
    const isNew = now.state !== payment.state || now.transactionHash !== payment.transactionHash
    payment = now
    if (isNew) onChange?.(now)
  }
  onChange?.(payment)
  // money that moved is told of, however late: what was over then may not be
  if (await report(client, payment, storage, { signal }))
    changed(await client.payments.get.query({ paymentId: payment.id }, call))

  const news = newsOf(client)
  try {
    let isSigned = wallet === undefined
    for (let wait = FIRST_WAIT; !isOver(payment); wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
      if (!isSigned && payment.state !== 'held') {
        await sign(client, payment, { wallet: wallet!, storage, signal })
        isSigned = true
      } else {
        await pause(news.live ? LONGEST_WAIT : wait, signal, news.about(payment.id))
      }
      changed(await client.payments.get.query({ paymentId: payment.id }, call))
    }
  } finally {
    news.leave()
  }
  await forget(payment, storage)
  if (payment.state !== 'attention') await kept?.end(name, idempotencyKey)
  if (payment.state === 'settled') return { ...payment, replayed } as SettledPayment
  throw notSettled(payment)
}

/** That a payment is over otherwise than settled. */
export function notSettled(payment: Payment): ProviderServiceError {
  const { id: paymentId, state, failure } = payment
  return new ProviderServiceError(
    failure?.message ?? `The payment is ${state}.`,
    { code: 'PAYMENT_NOT_SETTLED', retryable: false, details: { paymentId, state, reason: failure?.reason ?? state } },
    { payment },
  )
}
