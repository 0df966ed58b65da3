import type { MeterState, ReadMeter } from '../compliance/read-meters.ts'
import type { Acceptance } from './acceptance.ts'
import { type Count, meterBook } from './meter-book.ts'
import { isKeyTaken, type Outcome } from './write-together.ts'

/** How often a group is counted anew because another instance has counted in its meters. */
const TRIES = 8

/**
 * Writes groups of acceptances that are counted in meters, or held for a review, one after the other: what one has counted, the next must
 * know. Answers with the ids of the payments that were made.
 *
 * A group of which one no longer holds is written without it, and one whose meters another instance has counted in is counted anew: only
 * those for whom something has changed have to read it all again.
 */
export function countedWriter(writeTogether: (count: Count) => Promise<Outcome>, readMeter: ReadMeter) {
  const book = meterBook()

  async function writeGroup(asked: readonly Acceptance[]): Promise<Set<string>> {
    let group = asked
    for (let tries = 0; tries < TRIES; tries++) {
      const count = book.count(group)
      if (count.acceptances.length === 0) return new Set()
      const outcome = await write(count)
      if (outcome === 'key-taken') return writeInHalves(count.acceptances)
      const { held, made } = outcome
      if (made.size > 0) return made
      if (held.size < count.acceptances.length) group = count.acceptances.filter(({ id }) => held.has(id))
      else if (count.entries.length > 0) group = await measuredAnew(group)
      else return made
    }
    return new Set()
  }

  async function write(count: Count): Promise<Outcome | 'key-taken'> {
    try {
      const outcome = await writeTogether(count)
      book.settle(count, outcome.made.size === count.acceptances.length)
      return outcome
    } catch (error) {
      book.settle(count, false)
      if (isKeyTaken(error)) return 'key-taken'
      throw error
    }
  }

  /** One of them meets an earlier call with its key; the others are made. */
  async function writeInHalves(acceptances: readonly Acceptance[]): Promise<Set<string>> {
    const made = new Set<string>()
    if (acceptances.length === 1) return made
    const { length } = acceptances
    for (const half of [acceptances.slice(0, length / 2), acceptances.slice(length / 2)])
      for (const id of await writeGroup(half)) made.add(id)
    return made
  }

  async function measuredAnew(acceptances: readonly Acceptance[]): Promise<Acceptance[]> {
    const states = new Map<string, Promise<MeterState | undefined>>()
    const stateOf = (appId: string, key: string) => {
      const place = `${appId} ${key}`
      const state = states.get(place) ?? readMeter({ appId, key })
      states.set(place, state)
      return state
    }
    return Promise.all(
      acceptances.map(async (acceptance) => ({
        ...acceptance,
        meters: await Promise.all(
          acceptance.meters.map(async (meter) => ({
            ...meter,
            state: (await stateOf(acceptance.intention.app_id, meter.key)) ?? meter.state,
          })),
        ),
      })),
    )
  }

  return writeGroup
}
