import type { Clock } from '../../../../server/gateways/crossmint/clock.ts'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on, running what falls due in order; promises that follow from it settle in between. */
  advance(milliseconds: number): Promise<void>
}

export function createManualClock(): ManualClock {
  let time = 0
  let alarms: { at: number; run: () => void }[] = []
  return {
    now: () => time,
    after(milliseconds, run) {
      const alarm = { at: time + milliseconds, run }
      alarms.push(alarm)
      return () => {
        alarms = alarms.filter((other) => other !== alarm)
      }
    },
    async advance(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        const next = alarms.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
        if (!next) break
        alarms = alarms.filter((alarm) => alarm !== next)
        time = Math.max(time, next.at)
        next.run()
        await new Promise(setImmediate)
      }
      time = end
    },
  }
}

/** Skips over every wait: retries without their pauses. */
export function createImpatientClock(): Clock {
  let skipped = 0
  const now = () => performance.now() + skipped
  return {
    now,
    after(milliseconds, run) {
      const due = now() + milliseconds
      const immediate = setImmediate(() => {
        skipped += Math.max(0, due - now())
        run()
      })
      return () => clearImmediate(immediate)
    },
  }
}
