import { clockBackend, clockConnection, type clockWork } from '../../db/clock-schema.ts'
import { previousMonth, scheduleReports } from '../domain/reports/schedule-reports.ts'
import type { RetentionPeriods } from '../domain/retention/classes.ts'
import { sweepRetained } from '../domain/retention/sweep-retained.ts'
import type { Services } from '../services.ts'

export interface ClockOptions {
  databaseUrl: string
  /** When each is done, as cron has it, in UTC; null is never. */
  schedules: Record<(typeof clockWork)[number], string | null>
  retention: RetentionPeriods
  /** Seconds between two looks at what is due. */
  tick?: number
}

/**
 * Does what is to be done at a time of day or of the month, once over all instances: pg-boss tells when, and asks again if it failed.
 * What was due while no instance ran is done when one does. Everything it asks for may be done twice without harm.
 */
export function startClock(services: Services, options: ClockOptions): { stop(): Promise<void> } {
  const { log, metrics, clock } = services
  const work: Record<(typeof clockWork)[number], () => Promise<unknown>> = {
    reports: () => scheduleReports(services, previousMonth(clock.now())),
    retention: () => sweepRetained(services, options.retention),
  }
  const failed = (err: unknown, what: string) => {
    metrics.workerFailures.inc({ queue: 'clock' })
    log.warn({ err }, what)
  }
  const { tick = 30 } = options

  async function start() {
    // only where there is a clock: a process that answers calls alone does without these 10 MB
    const { PgBoss } = await import('pg-boss')
    const boss = new PgBoss({
      ...clockConnection(options.databaseUrl),
      backend: await clockBackend(services.db),
      // the application's role cannot; see `provider migrate`
      migrate: false,
      createSchema: false,
      reindex: false,
      monitorVacuum: false,
      cronMonitorIntervalSeconds: Math.min(45, tick),
      cronWorkerIntervalSeconds: Math.min(45, tick),
    })
    boss.on('error', (error) => failed(error, 'the clock met an error; it goes on'))
    await boss.start()
    for (const [name, cron] of Object.entries(options.schedules)) {
      if (cron === null) {
        await boss.unschedule(name)
        continue
      }
      await boss.work(name, { pollingIntervalSeconds: tick }, async () => {
        log.info({ work: name }, 'it is time')
        await work[name as keyof typeof work]()
      })
      await boss.schedule(name, cron, {}, { tz: 'UTC', missed: 'once' })
    }
    return boss
  }

  let stopping = false
  let timer: NodeJS.Timeout | undefined
  let running: ReturnType<typeof start> | null = null
  const run = () => {
    running = start()
    running.catch((error) => {
      if (stopping) return
      failed(error, 'the clock could not start; it is tried again. If its tables are missing: provider migrate')
      timer = setTimeout(run, tick * 1000)
    })
  }
  run()

  return {
    async stop() {
      stopping = true
      clearTimeout(timer)
      const boss = await running?.catch(() => null)
      await boss?.stop({ graceful: true, timeout: 10_000 })
    },
  }
}
