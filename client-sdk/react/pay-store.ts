import {
  type Client,
  errorOf,
  type IntentionStorage,
  type Intentions,
  intentions,
  isProviderError,
  type Payment,
  ProviderServiceError,
  type WalletSender,
} from '../index.ts'
import {
  alone,
  forget,
  type Insist,
  isOver,
  newsOf,
  notSettled,
  pause,
  report as reportSent,
  sentFor,
  sign,
  usualStorage,
} from '../internal.ts'

/**
 * Where a payment stands, for whoever looks at the page:
 *
 * - `checking`: it is looked up whether one is on its way, begun before a reload or in another tab. Show neither a button nor a result.
 * - `idle`: none is. Show the button.
 * - `starting`: it was asked for, and there is no answer yet.
 * - `held`: an officer looks at it first.
 * - `unsigned`: it waits for its owner to agree in their wallet; `pay` asks them (again). Only of wallets of the person's own.
 * - `signing`: the wallet is asking its owner now.
 * - `accepted`: it will settle once, or you will be told why not.
 * - `submitted`: it is on the chain, or about to be.
 * - `settled`: it is paid.
 * - `refused`: a rule or an officer refused it; nothing was paid.
 * - `failed`: it was not accepted, or ended unpaid.
 * - `attention`: an operator must look at it; it is neither paid nor given up. Do not pay again.
 */
export type PayState =
  | 'checking'
  | 'idle'
  | 'starting'
  | 'held'
  | 'unsigned'
  | 'signing'
  | 'accepted'
  | 'submitted'
  | 'settled'
  | 'refused'
  | 'failed'
  | 'attention'

/** What is known of a payment. `state` speaks of the payment, `error` of what is in the way: both may be there. */
export interface PayStatus {
  state: PayState
  payment: Payment | null
  error: ProviderServiceError | null
}

export interface Purchase {
  paywallId: string
  walletId: string
}

/** Gives the wallet that signs, when it is needed; of wallets of the person's own only. */
export type WalletOf = () => WalletSender | Promise<WalletSender>

export const checking: PayStatus = { state: 'checking', payment: null, error: null }
const idle: PayStatus = { state: 'idle', payment: null, error: null }

const FIRST_WAIT = 200
const LONGEST_WAIT = 5_000
/** How often an answer is asked for until it is given up: with the growing pauses, about two minutes. */
const TRIES = 30

/**
 * The one payment of a paywall from a wallet that may be on its way, for all components that show it: paid once however often it is asked
 * for, found again after a reload and in other tabs.
 */
export class PayStore {
  readonly name: string
  /** The wallet is the person's own: set by whoever shows it. */
  walletOf: WalletOf | undefined
  #status: PayStatus = checking
  readonly #client: Client
  readonly #purchase: Purchase
  readonly #storage: IntentionStorage
  readonly #intentions: Intentions
  readonly #listeners = new Set<() => void>()
  #looking: AbortController | null = null
  #paying: Promise<void> | null = null
  /** The owner of the wallet has agreed, and the service knows it. */
  #signed = false
  /** The owner was asked, and it is not known what the wallet did. */
  #asked = false
  /** The error is that there is no answer now: it goes with the next one. */
  #trouble = false
  #leaving = new AbortController()

  constructor(client: Client, purchase: Purchase, storage: IntentionStorage = usualStorage()) {
    this.name = `${purchase.paywallId}:${purchase.walletId}`
    this.#client = client
    this.#purchase = purchase
    this.#storage = storage
    this.#intentions = intentions(storage)
  }

  readonly status = (): PayStatus => this.#status

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether an entry of the browser's storage is about this payment. */
  isAbout(entry: string): boolean {
    return entry.endsWith(this.name)
  }

  /** Looks whether a payment is on its way, and follows it. Begins none, and asks nobody to sign. */
  look(): void {
    if (this.#paying || this.#looking) return
    const looking = this.#lookingNow()
    this.#find(looking.signal)
      .then(async (payment) => {
        if (payment) await this.#follow(payment, looking.signal)
        else if (this.#status.state === 'checking') this.#set(idle)
      })
      .catch((error) => this.#stopped(error, looking.signal))
      .finally(() => {
        if (this.#looking === looking) this.#looking = null
      })
  }

  /** Pays, or goes on with the payment that is on its way. Called again meanwhile, it is the same. */
  readonly pay = (): Promise<void> => {
    const { signal } = this.#leaving
    this.#paying ??= this.#pay(signal).finally(() => {
      this.#paying = null
      // what waits for its owner may be signed elsewhere, and what needs an operator gets one
      if (!signal.aborted && this.#status.payment && !isDecided(this.#status.payment)) this.look()
    })
    return this.#paying
  }

  /** Shows no more what became of a payment that is over. */
  readonly reset = (): void => {
    if (this.#paying || (this.#status.payment && !isOver(this.#status.payment))) return
    if (this.#status.state !== 'checking' && this.#status.state !== 'attention') this.#set(idle)
  }

  /** Waits no more. The payment goes on, and is found again. */
  leave(): void {
    this.#leaving.abort()
    this.#leaving = new AbortController()
    this.#looking?.abort()
    this.#looking = null
  }

  #lookingNow(): AbortController {
    this.#looking?.abort()
    this.#looking = new AbortController()
    return this.#looking
  }

  async #pay(signal: AbortSignal): Promise<void> {
    this.#looking?.abort()
    this.#looking = null
    const { payment: known } = this.#status
    const unfinished = known && !isOver(known) ? known : null
    this.#set({ state: unfinished ? stateOf(unfinished, 'signing') : 'starting', payment: unfinished, error: null })
    try {
      const wallet = await this.walletOf?.()
      const payment = unfinished ?? (await this.#find(signal)) ?? (await this.#create(signal))
      await this.#follow(payment, signal, wallet)
    } catch (error) {
      this.#stopped(error, signal)
    }
  }

  async #create(signal: AbortSignal): Promise<Payment> {
    const idempotencyKey = await this.#intentions.keyOf(this.name)
    const create = () => this.#client.payments.create.mutate({ ...this.#purchase, idempotencyKey }, { signal })
    const { replayed: _, ...payment } = await this.#insist(create, signal, TRIES)
    await this.#keep(idempotencyKey, payment)
    return payment
  }

  /** The payment that is on its way: that of the intention, or one whose answer never came. */
  async #find(signal: AbortSignal): Promise<Payment | null> {
    const key = await this.#intentions.find(this.name)
    if (key === null) return null
    const [forKey, paymentId] = await this.#kept()
    const { payments } = this.#client
    if (forKey === key && paymentId !== undefined)
      try {
        return await this.#insist(() => payments.get.query({ paymentId }, { signal }), signal)
      } catch (error) {
        // of somebody who was signed in here before, and may be again
        if (!isProviderError(error, 'NOT_FOUND')) throw error
        return null
      }
    const { items } = await this.#insist(() => payments.list.query({ ...this.#purchase, limit: 1 }, { signal }), signal)
    const newest = items[0]
    if (!newest || isOver(newest)) return null
    await this.#keep(key, newest)
    return newest
  }

  /** Follows a payment until it is over, having it signed first if a wallet is given. */
  async #follow(found: Payment, signal: AbortSignal, wallet?: WalletSender): Promise<void> {
    let payment = found
    const sent = this.walletOf ? await sentFor(found, this.#storage) : null
    this.#signed = sent !== null && sent.hash !== null
    this.#asked = sent !== null && sent.hash === null
    let signer = this.#signed ? undefined : wallet
    const show = (now: Payment) => {
      payment = now
      this.#show(now, signer ? 'signing' : this.#unsigned())
    }
    const read = () => this.#client.payments.get.query({ paymentId: found.id }, { signal })
    show(payment)
    // what was sent before a reload: nobody is asked for anything
    if (
      this.#signed &&
      (await reportSent(this.#client, found, this.#storage, { insist: this.#insisting(signal), signal }))
    )
      show(await this.#insist(read, signal))
    const news = newsOf(this.#client)
    try {
      const isDone = this.#paying ? isOver : isDecided
      for (let wait = FIRST_WAIT; !isDone(payment); wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
        if (signer && waitsForSigner(payment)) {
          await this.#sign(payment, signer, signal)
          signer = undefined
        } else {
          await pause(news.live ? LONGEST_WAIT : wait, signal, news.about(payment.id))
        }
        show(await this.#insist(read, signal))
      }
    } finally {
      news.leave()
    }
    await this.#over(payment)
  }

  async #sign(payment: Payment, signer: WalletSender, signal: AbortSignal): Promise<void> {
    const wallet: WalletSender = {
      address: signer.address,
      sendCalls: async (calls) => {
        const hash = await signer.sendCalls(calls)
        this.#signed = true
        // it may have been found on the chain before
        if (this.#status.state === 'signing') this.#show(payment, 'accepted')
        return hash
      },
    }
    try {
      await sign(this.#client, payment, { wallet, storage: this.#storage, signal, insist: this.#insisting(signal) })
    } catch (error) {
      // signed elsewhere, or too late: what is known of the payment says which
      if (!isProviderError(error, 'NOT_SIGNABLE', 'ALREADY_PAID')) throw error
    }
    this.#signed = true
  }

  #unsigned(): 'accepted' | 'unsigned' {
    return this.walletOf && !this.#signed ? 'unsigned' : 'accepted'
  }

  async #over(payment: Payment): Promise<void> {
    if (payment.state !== 'settled') this.#set({ ...this.#status, error: notSettled(payment) })
    // another payment would be a second one
    if (!isDecided(payment)) return
    await forget(payment, this.#storage)
    await alone(this.#entry, async () => {
      const [key, paymentId] = await this.#kept()
      // another tab may have gone on to the next payment
      if (key === undefined || paymentId !== payment.id) return
      await this.#storage.removeItem(this.#entry)
      await this.#intentions.end(this.name, key)
    })
  }

  /** Keeps which payment a key has made. */
  #keep(key: string, { id }: Payment): Promise<void> {
    return alone(this.#entry, async () => this.#storage.setItem(this.#entry, `${key} ${id}`))
  }

  async #kept(): Promise<[key?: string, paymentId?: string]> {
    const entry = await this.#storage.getItem(this.#entry)
    return entry === null ? [] : (entry.split(' ') as [string, string])
  }

  /** Asks until there is an answer, and says meanwhile that there is none. */
  async #insist<T>(ask: () => Promise<T>, signal: AbortSignal, tries = Number.POSITIVE_INFINITY): Promise<T> {
    for (let tried = 1, wait = FIRST_WAIT; ; tried++, wait = Math.min(LONGEST_WAIT, wait * 2)) {
      try {
        const answer = await ask()
        this.#answered()
        return answer
      } catch (cause) {
        signal.throwIfAborted()
        const error = errorOf(cause)
        if (!error.retryable || error.code === 'INSUFFICIENT_BALANCE' || tried >= tries) throw error
        this.#trouble = true
        this.#set({ ...this.#status, error })
        await pause(wait * (0.5 + Math.random() / 2), signal)
      }
    }
  }

  #insisting(signal: AbortSignal): Insist {
    return (ask) => this.#insist(() => ask({}), signal)
  }

  #answered(): void {
    if (!this.#trouble) return
    this.#trouble = false
    this.#set({ ...this.#status, error: null })
  }

  #stopped(cause: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    const error = errorOf(cause)
    const { payment } = this.#status
    this.#trouble = false
    const refused = isProviderError(error, 'REFUSED_BY_COMPLIANCE')
    if (payment) this.#set({ state: stateOf(payment, this.#unsigned()), payment, error })
    else if (this.#paying) this.#set({ state: refused ? 'refused' : 'failed', payment: null, error })
    // whoever only looked asked for nothing that could have failed
    else this.#set(idle)
  }

  #show(payment: Payment, accepted: 'accepted' | 'unsigned' | 'signing'): void {
    const before = this.#status
    const state = stateOf(payment, accepted)
    const stays = before.payment?.id === payment.id && before.state === state && !this.#trouble
    this.#trouble = false
    const unknown = state === 'unsigned' && this.#asked ? askedBefore() : null
    const error = payment.state === 'attention' ? notSettled(payment) : (stays && before.error) || unknown
    this.#set({ state, payment, error })
  }

  #set(status: PayStatus): void {
    this.#status = status
    for (const listener of this.#listeners) listener()
  }

  get #entry(): string {
    return `provider-service:payment:${this.name}`
  }
}

const askedBefore = () =>
  new ProviderServiceError(
    'Your wallet was asked for this payment before, and did not say what it did. Look in your wallet whether it was sent, before you confirm again.',
    { code: 'WALLET_FAILED', retryable: true, details: { reason: 'asked' } },
  )

/** Whether it is known how a payment ended. */
const isDecided = (payment: Payment) => isOver(payment) && payment.state !== 'attention'

/** Whether a payment from somebody's own wallet may still be without a signature: also when its calls are handed out to be signed. */
const waitsForSigner = ({ state, transactionHash }: Payment) =>
  (state === 'accepted' || state === 'submitted') && transactionHash === null

/** @param unsigned how a payment is shown that waits for its owner; `accepted` where it waits for nobody */
function stateOf(payment: Payment, unsigned: 'accepted' | 'unsigned' | 'signing'): PayState {
  if (unsigned !== 'accepted' && waitsForSigner(payment)) return unsigned
  const { state } = payment
  return state === 'expired' || state === 'cancelled' ? 'failed' : state
}
