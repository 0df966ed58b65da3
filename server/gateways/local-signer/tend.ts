import { raised } from './gas-policy.ts'
import { handOver } from './hand-over.ts'
import type { HaltReason, LaneSetting } from './lane.ts'
import type { Standing } from './lane-node.ts'
import type { Attempt, OpenSend } from './lane-rows.ts'
import { nothing, signAttempt } from './sign-attempt.ts'

/** Milliseconds that a node may be behind what another has said, and that a chain may seem to have gone back, before it is believed. */
const BEHIND = 10_000
const WENT_BACK = 1_500

/** Milliseconds between two looks at a lane with nothing on its way. */
const IDLE = 10_000

/** How many of the first in line are paid more for at a time: those behind them wait for them. */
const FIRST_IN_LINE = 16

const PER_LOOK = 100

export function tending(setting: LaneSetting) {
  const { chainId, address, node, rows, key, gas: policy, clock, report, seenAt, resendAfter } = setting
  let highest = 0n
  let lowerSince: number | null = null
  let backSince: number | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  /** Nonces that the chain says are used, by what we do not find, and since when. */
  const unexplained = new Map<bigint, number>()

  async function tend(): Promise<void> {
    const open = await rows.open(2 * setting.inFlight)
    if (open.length === 0 && performance.now() - lookedAt < IDLE) return
    const standing = await node.standing()
    if (isBehind(standing)) return
    lookedAt = performance.now()
    // read after the count: nonces are given out before the chain can have them
    const lane = await rows.lane()
    if (!lane) return
    if (standing.count > lane.next_nonce) await halt('nonce_used_elsewhere')
    await settle(open.filter(({ nonce }) => nonce < standing.count))
    await lookBack(standing)
    if (lane.halted_because !== null) return
    const left = open.filter(({ nonce }) => nonce >= standing.count)
    await cancelWithdrawn(left, standing)
    await sendAgain(left)
    await replaceStuck(left, standing)
  }

  /** A node that knows less than another has said tells nothing about now; if it stays so, the chain has gone back. */
  function isBehind({ height }: Standing): boolean {
    if (height >= highest) {
      highest = height
      lowerSince = null
      return false
    }
    lowerSince ??= performance.now()
    if (performance.now() - lowerSince < BEHIND) return true
    highest = height
    lowerSince = null
    return false
  }

  async function halt(because: HaltReason): Promise<void> {
    if (await rows.halt(because, clock.now())) report({ type: 'halted', chainId, address, because })
  }

  async function settle(past: readonly OpenSend[]): Promise<void> {
    const { found, missing } = await explained(past)
    for (const { send } of found) unexplained.delete(send.nonce)
    const ids = await rows.settle(found, clock.now())
    for (const { send } of found) for (const { hash } of send.attempts) seenAt.delete(hash)
    if (ids.length > 0) report({ type: 'settled', chainId, address, ids })
    for (const { nonce } of missing) {
      const since = unexplained.get(nonce) ?? performance.now()
      unexplained.set(nonce, since)
      if (performance.now() - since >= setting.disbelief) await halt('nonce_used_elsewhere')
    }
  }

  async function explained(past: readonly OpenSend[]) {
    const receipts = await node.receipts(past.flatMap(({ attempts }) => attempts.map(({ hash }) => hash)))
    const byHash = new Map(receipts.map((receipt) => [receipt.hash, receipt]))
    const found = past.flatMap((send) =>
      send.attempts.flatMap((by) => {
        const receipt = byHash.get(by.hash)
        return receipt ? [{ send, by, receipt }] : []
      }),
    )
    const settled = new Set(found.map(({ send }) => send))
    return { found, missing: past.filter((send) => !settled.has(send)) }
  }

  /** What the chain had and has no longer is due again, with the bytes it had. */
  async function lookBack({ count }: Standing): Promise<void> {
    const forgotten = await rows.forgotten(count)
    if (!forgotten) {
      backSince = null
      return
    }
    backSince ??= performance.now()
    if (performance.now() - backSince < WENT_BACK) return
    backSince = null
    if (forgotten.highestBlock - forgotten.lowestBlock >= BigInt(Math.max(1, setting.finality)))
      return halt('chain_went_back')
    await rows.reopen(count)
    report({ type: 'reopened', chainId, address, from: count, sends: forgotten.sends })
  }

  async function cancelWithdrawn(left: readonly OpenSend[], { baseFee }: Standing): Promise<void> {
    for (const send of left.filter(({ isWithdrawn }) => isWithdrawn)) {
      const last = send.attempts.at(-1)!
      if (last.kind === 'cancel') continue
      // where no more may be paid, it is worth a try at the price of the one that no node took
      await replace(send, { kind: 'cancel', ...(raised(policy, last, baseFee) ?? last) })
    }
  }

  async function sendAgain(left: readonly OpenSend[]): Promise<void> {
    const since = performance.now() - resendAfter
    const stale = left.filter((send) => lastSeen(send.attempts.at(-1)!) < since).slice(0, PER_LOOK)
    if (stale.length === 0) return
    const unknown = await node.unknown(stale.map(({ attempts }) => attempts.at(-1)!.hash))
    for (const { attempts } of stale) seenAt.set(attempts.at(-1)!.hash, performance.now())
    const again = stale.filter(({ attempts }) => unknown.has(attempts.at(-1)!.hash))
    await handOver(
      setting,
      again.map(({ id, attempts }) => ({ id, attempt: attempts.at(-1)! })),
    )
    for (const { id, nonce } of again) report({ type: 'sent again', chainId, address, id, nonce })
  }

  /** By `performance.now()`. One that another process has signed is left to it for a while. */
  const lastSeen = ({ hash, signedAt }: Attempt): number =>
    seenAt.get(hash) ?? performance.now() - (clock.now().getTime() - signedAt.getTime())

  async function replaceStuck(left: readonly OpenSend[], { baseFee, time }: Standing): Promise<void> {
    for (const send of left.slice(0, FIRST_IN_LINE)) {
      const last = send.attempts.at(-1)!
      const signedAt = last.signedAt.getTime()
      // a chain that has made no block since then is not waiting for money
      const isStuck = clock.now().getTime() - signedAt >= setting.replaceAfterMs && Number(time) * 1_000 > signedAt
      if (!isStuck) continue
      const fees = raised(policy, last, baseFee)
      if (fees) await replace(send, { kind: last.kind, ...fees })
      else report({ type: 'at its cap', chainId, address, id: send.id, nonce: send.nonce })
    }
  }

  /** Signs the same nonce anew, for the same effect or for none, and hands it over once it is stored. */
  async function replace(
    send: OpenSend,
    { kind, feeCap, tip }: Pick<Attempt, 'kind' | 'feeCap' | 'tip'>,
  ): Promise<void> {
    const { nonce } = send
    const what = kind === 'cancel' ? nothing(address) : { call: send.call, gas: send.gas }
    const signed = await signAttempt(key, policy, { chainId, nonce, ...what, feeCap, tip })
    const number = send.attempts.length + 1
    const attempt: Attempt = { ...signed, number, kind, feeCap, tip, signedAt: clock.now() }
    if (!(await rows.attempt(send, attempt))) return
    send.attempts.push(attempt)
    report({ type: 'replaced', chainId, address, id: send.id, nonce, feeCap })
    await handOver(setting, [{ id: send.id, attempt }])
  }

  async function resume(): Promise<string[]> {
    const open = await rows.open(2 * setting.inFlight)
    const { count } = await node.standing()
    const { found, missing } = await explained(open.filter(({ nonce }) => nonce < count))
    await rows.settle(found, clock.now())
    const given = missing.map(({ id }) => id)
    // its nonces are given out, and the chain wants them in their order
    if (await rows.forgotten(count)) await rows.reopen(count)
    await rows.resume(count, given, clock.now())
    unexplained.clear()
    return given
  }

  return { tend, resume }
}
