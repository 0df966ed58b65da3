import type { Journal } from './journal.ts'

/** Every way to misbehave, and its variants; the first is the default. */
export const faultVariants = {
  /** A creation is done, and its answer is lost: connection cut, 500, a balancer's HTML, a 201 without `id`, silence. */
  F1: ['drop', '500', 'html-502', 'no-id', 'timeout'],
  /** A creation is not done, and there is no answer: silence, connection cut, 500, a balancer's HTML. */
  F2: ['timeout', 'drop', '500', 'html-502'],
  /** An approval is done, and its answer is lost. */
  F3: ['500', 'html-502', 'drop', 'timeout'],
  /** An approval is answered with 409 or 422 although it was done, or without being done. */
  F4: ['409', '422', '409-not-done', '422-not-done'],
  /** An approval is answered with 201, and the transaction stays in `awaiting-approval` until advanced: with the approval counted, or not. */
  F5: ['counted', 'ignored'],
  /** `pending` for ever: not sent until advanced; sent after `delay`; or done on the chain but never told. */
  F6: ['not-sent', 'late', 'silent'],
  /** `failed` before it was sent. `landed` says so of one that does land on the chain. */
  F7: ['build_failed', 'failed_to_land_on_chain', 'sanctioned_wallet_address', 'unknown', 'landed'],
  /** The state changes after the simulation passed, and the operation reverts on the chain: the token's issuer blocks the wallet. */
  F8: ['blocked'],
  /** A signature is spoiled on its way to the chain, and the account refuses it. */
  F9: ['corrupt-signature'],
  /** 429, without or with `Retry-After`. */
  F10: ['burst', 'retry-after'],
  /** A read answers with the state before the present one. */
  F11: ['stale'],
  /** The chain is reorganized; happens by the control endpoint `reorg`. */
  F12: ['reorg'],
  /** Answers look different: times as numbers, more fields, `txId` null. */
  F13: ['numeric-times', 'extra-fields', 'null-tx-id'],
  /** A created transaction is `pending` at once, without approvals, as with a custodial signer. */
  F14: ['immediate'],
  /** The chain starts anew; happens by resetting it, noticed and noted by the relayer. */
  F15: ['reset'],
  /** Deliveries: twice with one id, after a later one, late by `delay`, an old timestamp, a wrong signature, never. */
  webhook: ['duplicate', 'reorder', 'delay', 'old-timestamp', 'wrong-signature', 'loss'],
} as const

export type FaultMode = keyof typeof faultVariants
export type FaultVariant<Mode extends FaultMode = FaultMode> = (typeof faultVariants)[Mode][number]

/** Which events a fault is meant for; all that is given has to fit. */
export interface FaultMatch {
  /** Such as `createTransaction`. F1 and F2 are for transactions and token transfers unless it says otherwise. */
  endpoint?: string
  wallet?: string
  idempotencyKey?: string
  transactionId?: string
  /** A part of the path. */
  path?: string
  /** A part of the body: of the request, of the transaction's creation, or of the webhook. */
  includes?: string
}

export type FaultSpec = {
  [Mode in FaultMode]: {
    mode: Mode
    variant?: FaultVariant<Mode>
    /** How often it happens, 1 by default; with a `probability` without end by default. */
    count?: number
    /** 0 to 1, from a sequence that `seed` repeats. */
    probability?: number
    seed?: number
    match?: FaultMatch
    /** Milliseconds, for the variants that wait: 30 000 by default. */
    delay?: number
  }
}[FaultMode]

export interface Fault {
  id: number
  spec: FaultSpec
  left: number
  fired: number
}

export interface FaultFacts {
  endpoint?: string | null
  wallet?: string | null
  idempotencyKey?: string | null
  transactionId?: string | null
  path?: string
  text?: () => string
}

/** A fault that is due: its variant, and how long to wait. */
export interface DueFault {
  variant: string
  delay: number
}

export type Faults = ReturnType<typeof createFaults>

export function createFaults(journal: Journal) {
  let faults: (Fault & { random: () => number })[] = []
  let lastId = 0

  function note(mode: FaultMode, variant: string, facts: FaultFacts, details: Record<string, unknown> = {}) {
    const { endpoint = null, wallet = null, transactionId = null } = facts
    journal.write({ type: 'fault', mode, variant, endpoint, wallet, transactionId, details })
  }

  return {
    inject(spec: FaultSpec): Fault {
      const left = spec.count ?? (spec.probability === undefined ? 1 : Number.POSITIVE_INFINITY)
      const fault = { id: ++lastId, spec, left, fired: 0, random: randomFrom(spec.seed ?? lastId) }
      faults.push(fault)
      return fault
    },

    /** Takes the first fault of this mode that is due for these facts, and notes that it happened. */
    take<Mode extends FaultMode>(
      mode: Mode,
      facts: FaultFacts,
      variants?: readonly FaultVariant<Mode>[],
    ): (DueFault & { variant: FaultVariant<Mode> }) | null {
      for (const fault of faults) {
        if (fault.spec.mode !== mode || fault.left <= 0 || !matches(fault.spec, facts)) continue
        const variant = (fault.spec.variant ?? faultVariants[mode][0]) as FaultVariant<Mode>
        if (variants && !variants.includes(variant)) continue
        if (fault.random() >= (fault.spec.probability ?? 1)) continue
        fault.left -= 1
        fault.fired += 1
        note(mode, variant, facts)
        return { variant, delay: fault.spec.delay ?? 30_000 }
      }
      return null
    },

    /** Notes one that did not come from here, such as a chain that was reset. */
    note,

    list: (): Fault[] => faults.map(({ id, spec, left, fired }) => ({ id, spec, left, fired })),

    clear(id?: number) {
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id)
    },
  }
}

const moneyMoves = ['createTransaction', 'transferToken']

function matches({ mode, match = {} }: FaultSpec, facts: FaultFacts): boolean {
  const losesCreations = mode === 'F1' || mode === 'F2'
  if (losesCreations && match.endpoint === undefined && !moneyMoves.includes(facts.endpoint ?? '')) return false
  return (
    (match.endpoint === undefined || match.endpoint === facts.endpoint) &&
    (match.wallet === undefined || match.wallet.toLowerCase() === facts.wallet?.toLowerCase()) &&
    (match.idempotencyKey === undefined || match.idempotencyKey === facts.idempotencyKey) &&
    (match.transactionId === undefined || match.transactionId === facts.transactionId) &&
    (match.path === undefined || (facts.path?.includes(match.path) ?? false)) &&
    (match.includes === undefined || (facts.text?.().includes(match.includes) ?? false))
  )
}

/** mulberry32: small, and the same everywhere for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
