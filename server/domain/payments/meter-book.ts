import { type CountedMeter, hasRoom } from '../compliance/meters.ts'
import type { MeterState } from '../compliance/read-meters.ts'
import { withPayment } from '../compliance/usage.ts'
import type { Acceptance } from './acceptance.ts'

/** A meter as it is to be once all of a group are counted in it. */
export interface Entry {
  appId: string
  key: string
  /** The version it must still have; 0 if there is none yet. */
  expected: bigint
  /** As JSON. */
  buckets: string
  counted: MeterState
}

/** The acceptances of a group for which there is room, one for each key, and what their meters come to. */
export interface Count {
  acceptances: Acceptance[]
  entries: Entry[]
}

/** Meters that are remembered at a time. */
const MOST = 10_000

/**
 * Counts the acceptances of this process in their meters. It remembers what it has counted itself, so that the next group goes on
 * from there rather than from what its members had read before.
 */
export function meterBook() {
  const known = new Map<string, MeterState>()

  return {
    /**
     * Counts those for which there is room, and of several under one key only the first. The others read again what is left, or what was
     * made under their key.
     */
    count(asked: readonly Acceptance[]): Count {
      const keys = new Set<string>()
      const states = new Map<string, { appId: string; key: string; from: MeterState; now: MeterState }>()
      const acceptances = asked.filter((acceptance) => {
        const { app_id: appId, subject, procedure, key } = acceptance.intention
        const intention = JSON.stringify([appId, subject, procedure, key])
        if (keys.has(intention)) return false
        const places = acceptance.meters.map((meter) => {
          const place = `${appId} ${meter.key}`
          const from = states.get(place)?.from ?? newer(known.get(place), meter.state)
          return { place, meter, from, now: states.get(place)?.now ?? from }
        })
        if (!places.every(({ meter, now }) => hasRoom(meter, now, acceptance))) return false
        keys.add(intention)
        for (const { place, meter, from, now } of places)
          states.set(place, { appId, key: meter.key, from, now: counted(meter, now, acceptance) })
        return true
      })
      const entries = [...states]
        // in one order everywhere: instances that count in the same meters wait for each other, and not in a circle
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { appId, key, from, now }]) => ({
          appId,
          key,
          expected: from.version,
          buckets: JSON.stringify(now.buckets),
          counted: { version: from.version + 1n, buckets: now.buckets },
        }))
      return { acceptances, entries }
    },

    /** Remembers what was written, or forgets what was not as it was thought. */
    settle({ entries }: Count, isWritten: boolean): void {
      for (const { appId, key, counted } of entries) {
        const place = `${appId} ${key}`
        known.delete(place)
        if (!isWritten) continue
        if (known.size >= MOST) known.delete(known.keys().next().value!)
        known.set(place, counted)
      }
    },
  }
}

const newer = (one: MeterState | undefined, other: MeterState): MeterState =>
  one && one.version > other.version ? one : other

const counted = ({ windowSeconds }: CountedMeter, { version, buckets }: MeterState, { now, amount }: Acceptance) => ({
  version,
  buckets: withPayment(buckets, windowSeconds, now, amount),
})
