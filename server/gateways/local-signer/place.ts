import { coalesce } from '../../../db/coalesce.ts'
import { ChainUnavailable } from '../chain/chain.ts'
import { type Call, ProviderError, type ProviderTransaction, type Submission } from '../wallet-provider.ts'
import { feesFor } from './gas-policy.ts'
import { handOver } from './hand-over.ts'
import type { LaneSetting } from './lane.ts'
import type { Estimate, Standing } from './lane-node.ts'
import { findSends, type NewSend } from './lane-rows.ts'
import { signAttempt } from './sign-attempt.ts'
import { pending, sameAs, viewOf } from './view.ts'

interface Waiting {
  submission: Submission
  /** By `performance.now()`. */
  until: number
}

type Outcome = ProviderTransaction | ProviderError

/** How many get their nonces in one commit at most, and how often somebody else may be first. */
const LOT = 100
const TRIES = 8

const not = (outcome: 'refused' | 'unavailable', reason: string, message: string, retryAfter: number | null = null) =>
  new ProviderError(outcome, reason, message, { retryAfter })

/** Gives submissions their nonces, those that come at the same time together. */
export function placing(setting: LaneSetting) {
  const placeLot = coalesce<Waiting, Outcome>(async (waiting) => {
    const outcomes = new Map<Waiting, Outcome>()
    for (let at = 0; at < waiting.length; at += LOT) {
      const lot = waiting.slice(at, at + LOT)
      const byId = await place(setting, lot).catch((error) => failed(error))
      for (const one of lot) outcomes.set(one, byId instanceof Map ? byId.get(one.submission.idempotencyKey)! : byId)
    }
    return outcomes
  })

  return async (submission: Submission, within: number): Promise<ProviderTransaction> => {
    const outcome = (await placeLot({ submission, until: performance.now() + within }))!
    if (outcome instanceof ProviderError) throw outcome
    // of two with one key in a lot, both have their answer; the body of each is its own
    return outcome
  }
}

/** Before the commit nothing has happened, and after it nothing fails. */
function failed(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  const reason = error instanceof ChainUnavailable ? 'chain_unavailable' : 'not_placed'
  return new ProviderError('unavailable', reason, 'The transaction could not be given a nonce', { cause: error })
}

async function place(setting: LaneSetting, lot: readonly Waiting[]): Promise<Map<string, Outcome>> {
  const { db, rows, key, clock, chainId, inFlight, gas: policy } = setting
  const outcomes = new Map<string, Outcome>()
  const settle = (id: string, outcome: Outcome) => void outcomes.set(id, outcome)
  const left = () => lot.filter(({ submission }) => !outcomes.has(submission.idempotencyKey))

  for (let tries = 0; tries < TRIES; tries++) {
    const known = await findSends(
      db,
      left().map(({ submission }) => submission.idempotencyKey),
    )
    for (const row of known) {
      const { submission } = lot.find((one) => one.submission.idempotencyKey === row.id)!
      settle(
        row.id,
        answerFor(() => viewOf(sameAs(row, submission))),
      )
    }
    for (const { submission, until } of left())
      if (performance.now() > until)
        settle(submission.idempotencyKey, not('unavailable', 'out_of_time', 'It waited too long for its nonce'))
    const asked = [...new Map(left().map(({ submission }) => [submission.idempotencyKey, submission])).values()]
    if (asked.length === 0) return outcomes

    const { standing, sound } = await vet(setting, asked, settle)
    if (sound.length === 0) return outcomes
    const lane = (await rows.lane()) ?? (await beginning(setting, standing))
    if (lane.halted_because !== null) {
      const halted = not('unavailable', 'lane_halted', `Nothing is signed with this key: ${lane.halted_because}`)
      for (const { id } of sound) settle(id, halted)
      return outcomes
    }
    const room = Math.max(0, inFlight - (await rows.countOpen()))
    const full = not('unavailable', 'lane_full', `${inFlight} transactions of this key are on their way`, 500)
    for (const { id } of sound.slice(room)) settle(id, full)

    const fees = feesFor(policy, standing.baseFee)
    const given: NewSend[] = await Promise.all(
      sound.slice(0, room).map(async ({ id, call, gas }, index) => {
        const nonce = lane.next_nonce + BigInt(index)
        const signed = await signAttempt(key, policy, { chainId, nonce, call, gas, ...fees })
        return { id, nonce, call, gas, attempt: { ...signed, ...fees } }
      }),
    )
    if (given.length === 0) return outcomes
    if (!(await reserved(setting, lane.next_nonce, given, clock.now()))) continue
    for (const { id } of given) settle(id, pending(id))
    // nobody waits for the node: what is stored is on its way, if not by us then by whoever tends the lane
    const handing = handOver(
      setting,
      given.map(({ id, attempt }) => ({ id, attempt: { ...attempt, kind: 'send' as const } })),
    )
      .catch(() => {})
      .finally(() => setting.handing.delete(handing))
    setting.handing.add(handing)
    return outcomes
  }
  for (const { submission } of left())
    settle(submission.idempotencyKey, not('unavailable', 'lane_busy', 'Others were first too often', 100))
  return outcomes
}

function answerFor(view: () => ProviderTransaction): Outcome {
  try {
    return view()
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

/** False: the nonces are gone, or one of the sends has got its own meanwhile. */
async function reserved({ rows }: LaneSetting, from: bigint, given: NewSend[], now: Date): Promise<boolean> {
  try {
    return await rows.reserve(from, given, now)
  } catch (error) {
    if ((error as { code?: string }).code === '23505') return false
    throw error
  }
}

/** A key that was used before it came to us begins where the chain says. */
async function beginning({ rows, clock }: LaneSetting, { count }: Standing) {
  await rows.begin(count, clock.now())
  return (await rows.lane())!
}

interface Sound {
  id: string
  call: Call
  gas: bigint
}

/** Settles what must not get a nonce: a nonce that was given out has to be used. */
async function vet(
  { node, senderRole, gas: policy, chainId }: LaneSetting,
  asked: readonly Submission[],
  settle: (id: string, outcome: Outcome) => void,
): Promise<{ standing: Standing; sound: Sound[] }> {
  const calls = asked.map(({ calls }) => calls[0]!)
  const [standing, balance, role, ...estimates] = await Promise.all([
    node.standing(),
    node.balance(),
    senderRole(),
    ...calls.map((call) => node.estimate(call).catch((error) => notAsked(chainId, error))),
  ]).catch((error) => {
    throw notAsked(chainId, error)
  })
  const fees = feesFor(policy, standing.baseFee)
  let funds = balance
  const sound: Sound[] = []
  for (const [index, { idempotencyKey: id }] of asked.entries()) {
    const estimate = estimates[index] as Estimate | ProviderError
    const call = calls[index]!
    const refusal =
      estimate instanceof ProviderError
        ? estimate
        : role === 'none'
          ? not(
              'refused',
              'sender_not_allow_listed',
              'The chain takes no transactions of this key: it is not on its list',
            )
          : 'because' in estimate
            ? estimate.because === 'reverted'
              ? not('refused', 'execution_reverted', estimate.message)
              : not('unavailable', 'insufficient_funds', estimate.message)
            : fees.feeCap < standing.baseFee
              ? not('unavailable', 'fee_above_cap', `The base fee is ${standing.baseFee} wei, above what may be paid`)
              : null
    if (refusal || !(estimate && 'gas' in estimate)) {
      settle(id, refusal!)
      continue
    }
    const more = (estimate.gas * 5n) / 4n // what it does may depend on what lands before it
    const gas = more > standing.gasLimit ? standing.gasLimit : more
    const cost = gas * fees.feeCap + call.value
    if (cost > funds) {
      settle(id, not('unavailable', 'insufficient_funds', `The key has ${balance} wei, too little for gas and value`))
      continue
    }
    funds -= cost
    sound.push({ id, call, gas })
  }
  return { standing, sound }
}

const notAsked = (chainId: number, cause: unknown): ProviderError =>
  new ProviderError('unavailable', 'chain_unavailable', `Chain ${chainId} does not answer`, { cause: nameOf(cause) })

/** What went wrong, without where: the URL of a node often holds its key. */
const nameOf = (error: unknown) => new Error(error instanceof Error ? error.name : 'no reason')
