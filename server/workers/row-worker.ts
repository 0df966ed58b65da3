import type { Log } from '../telemetry/log.ts'

/** A table whose rows are work. Its shards are numbers, or names of what has its own row of work. */
export interface Queue<Row, Shard = number> {
  name: string
  /** Shards that have a due row. */
  dueShards(): Promise<Shard[]>
  /** Claims at most `limit` due rows of a shard. */
  claim(shard: Shard, limit: number): Promise<Row[]>
  /** Does what a claimed row needs next, and says when it is due again. */
  work(row: Row): Promise<void>
  /** Gives a row back whose work ended with an error. */
  giveBack(row: Row, error: unknown): Promise<void>
}

/** A running worker. */
export interface RowWorker<Shard = number> {
  /** A row of this shard has become due: look now rather than at the next tick. */
  nudge(shard: Shard): void
  /** Takes no more rows, and resolves when those at hand are done. */
  stop(): Promise<void>
}

export interface RowWorkerOptions {
  /** How many rows are worked on at once. */
  concurrency: number
  /** Milliseconds between two looks at the clock's work. */
  tick: number
  log: Log
  onFailure: (queue: string) => void
}

/**
 * Works on the due rows of a table, found on the rows themselves: at every tick it walks the shards that have some, from a
 * random one on, and it is nudged within the process so that nothing waits for the tick. Many may run: claims keep them apart,
 * and what one leaves behind in a crash is due again when its claim ends.
 */
export function startRowWorker<Row, Shard = number>(
  queue: Queue<Row, Shard>,
  options: RowWorkerOptions,
): RowWorker<Shard> {
  const { concurrency, tick, log, onFailure } = options
  const dirty = new Set<Shard>()
  const atWork = new Set<Promise<void>>()
  let stopping = false
  let claiming: Promise<void> | null = null

  const failed = (error: unknown, what: string) => {
    onFailure(queue.name)
    log.warn({ queue: queue.name, err: error }, what)
  }

  async function attempt(row: Row): Promise<void> {
    try {
      await queue.work(row)
    } catch (error) {
      failed(error, 'work on a row failed; it is due again later')
      await queue
        .giveBack(row, error)
        .catch((again) => failed(again, 'a row could not be given back; its claim will end'))
    }
  }

  async function claimAll(): Promise<void> {
    for (const shard of dirty) {
      if (stopping) return
      const free = concurrency - atWork.size
      if (free <= 0) return // whoever finishes comes back here
      dirty.delete(shard)
      const rows = await queue.claim(shard, free).catch((error) => {
        failed(error, 'claiming failed')
        return []
      })
      if (rows.length === free) dirty.add(shard)
      for (const row of rows) {
        const work = attempt(row).finally(() => {
          atWork.delete(work)
          run()
        })
        atWork.add(work)
      }
    }
  }

  function run(): void {
    if (stopping || claiming || dirty.size === 0) return
    claiming = claimAll().finally(() => {
      claiming = null
      if (atWork.size < concurrency) run()
    })
  }

  async function look(): Promise<void> {
    try {
      const shards = await queue.dueShards()
      const start = Math.floor(Math.random() * shards.length)
      for (const shard of [...shards.slice(start), ...shards.slice(0, start)]) dirty.add(shard)
      run()
    } catch (error) {
      failed(error, 'looking for due rows failed')
    }
    if (!stopping) timer = setTimeout(lookAgain, tick)
  }
  let looking: Promise<void> = Promise.resolve()
  const lookAgain = () => {
    looking = look()
  }
  let timer = setTimeout(lookAgain, 0)

  return {
    nudge(shard) {
      dirty.add(shard)
      run()
    },
    async stop() {
      stopping = true
      clearTimeout(timer)
      await looking
      await claiming
      await Promise.all(atWork)
    },
  }
}
