import { expect, test } from 'vitest'
import { createLog } from '../../server/telemetry/log.ts'
import { type Queue, startRowWorker } from '../../server/workers/row-worker.ts'
import { eventually } from '../support/eventually.ts'

interface Row {
  id: number
  shard: number
}

/** A queue in memory: rows are due until they are claimed, and again a while after they were given back. */
function queueOf(rows: Row[], work: (row: Row) => Promise<void>) {
  const due = [...rows]
  const claims: number[] = []
  const givenBack: Row[] = []
  const queue: Queue<Row> = {
    name: 'test',
    dueShards: async () => [...new Set(due.map(({ shard }) => shard))],
    async claim(shard, limit) {
      claims.push(limit)
      const claimed = due.filter((row) => row.shard === shard).slice(0, limit)
      for (const row of claimed) due.splice(due.indexOf(row), 1)
      return claimed
    },
    work,
    async giveBack(row) {
      givenBack.push(row)
      setTimeout(() => due.push(row), 5)
    },
  }
  return { queue, due, claims, givenBack }
}

const start = <R>(queue: Queue<R>, { concurrency = 4, tick = 10 } = {}) => {
  const failures: string[] = []
  const worker = startRowWorker(queue, {
    concurrency,
    tick,
    log: createLog('silent'),
    onFailure: (name) => failures.push(name),
  })
  return { ...worker, failures, [Symbol.asyncDispose]: () => worker.stop() }
}

const rowsOf = (count: number, shards = 3): Row[] =>
  Array.from({ length: count }, (_, id) => ({ id, shard: id % shards }))

test('every due row is worked on once, never more at once than allowed', async () => {
  const done: number[] = []
  let atOnce = 0
  let most = 0
  const { queue } = queueOf(rowsOf(50), async ({ id }) => {
    most = Math.max(most, ++atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce--
    done.push(id)
  })

  await using _worker = start(queue, { concurrency: 4 })

  await eventually(() => expect(done).toHaveLength(50))
  expect(new Set(done).size).toBe(50)
  expect(most).toBe(4)
})

test('a nudge does not wait for the tick', async () => {
  const done: number[] = []
  const { queue, due } = queueOf([], async ({ id }) => {
    done.push(id)
  })
  await using worker = start(queue, { tick: 3_600_000 })
  await eventually(() => expect(queue.dueShards()).resolves.toEqual([]))

  due.push({ id: 1, shard: 2 })
  worker.nudge(2)

  await eventually(() => expect(done).toEqual([1]))
})

test('a nudge while all hands are full is not lost', async () => {
  const gate = Promise.withResolvers<void>()
  const done: number[] = []
  const { queue, due } = queueOf([{ id: 0, shard: 0 }], async ({ id }) => {
    if (id === 0) await gate.promise
    done.push(id)
  })
  await using worker = start(queue, { concurrency: 1, tick: 3_600_000 })
  await eventually(() => expect(due).toEqual([]))

  due.push({ id: 1, shard: 1 })
  worker.nudge(1)
  gate.resolve()

  await eventually(() => expect(done).toEqual([0, 1]))
})

test('rows that fail again and again are given back and do not keep others from being worked on', async () => {
  const done = new Set<number>()
  const { queue, givenBack } = queueOf(rowsOf(20), async ({ id }) => {
    if (id % 2 === 0) throw new Error('broken')
    done.add(id)
  })

  await using worker = start(queue, { concurrency: 2 })

  await eventually(() => expect(done.size).toBe(10))
  expect(givenBack.every(({ id }) => id % 2 === 0)).toBe(true)
  expect(worker.failures.length).toBeGreaterThan(0)
})

test('a database that fails is asked again at the next tick', async () => {
  const done: number[] = []
  const { queue } = queueOf([{ id: 1, shard: 0 }], async ({ id }) => {
    done.push(id)
  })
  let outages = 3
  const dueShards = async () => {
    if (outages-- > 0) throw new Error('no connection')
    return queue.dueShards()
  }

  await using worker = start({ ...queue, dueShards })

  await eventually(() => expect(done).toEqual([1]))
  expect(worker.failures).toEqual(['test', 'test', 'test'])
})

test('stopping takes no more rows and waits for those at hand', async () => {
  const gate = Promise.withResolvers<void>()
  const done: number[] = []
  const { queue, due } = queueOf(rowsOf(10, 1), async ({ id }) => {
    await gate.promise
    done.push(id)
  })
  const worker = start(queue, { concurrency: 3 })
  await eventually(() => expect(due).toHaveLength(7))

  const stopped = worker.stop()
  gate.resolve()
  await stopped

  expect(done).toHaveLength(3)
  expect(due).toHaveLength(7)
})
