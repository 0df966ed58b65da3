import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { testWorld } from '../support/world.ts'

test('two instances seal in turn into one log, hand every checkpoint over, and one takes over from the other', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'provider-sealer-'))
  const path = join(directory, 'checkpoints.jsonl')
  try {
    await using world = await testWorld({
      workers: false,
      environment: { AUDIT_CHECKPOINTS: path, SEAL_INTERVAL_MS: '30' },
    })
    const { db } = world.built.services
    const [first, second] = [world.instance(), world.instance()]
    const isSealed = (minimum: number) =>
      eventually(async () => {
        const [waiting, placed, last] = await Promise.all([
          db.selectFrom('audit_unsealed').select('stream').execute(),
          db.selectFrom('audit_position').select('leaf_index').execute(),
          db.selectFrom('audit_checkpoint').select('tree_size').orderBy('number', 'desc').limit(1).execute(),
        ])
        expect(waiting).toEqual([])
        expect(placed.length).toBeGreaterThanOrEqual(minimum)
        expect(last[0]?.tree_size).toBe(BigInt(placed.length))
        return placed.length
      })

    first.startSealer()
    second.startSealer()
    const size = await isSealed(4)
    const { holder } = await db.selectFrom('lease').select('holder').executeTakeFirstOrThrow()
    const sealedBy = async () =>
      Promise.all(
        [first, second].map(async ({ services }) => (await services.metrics.sealedLeaves.get()).values[0]!.value),
      )
    const before = await sealedBy()
    expect([...before].sort()).toEqual([0, size])

    // whoever sealed goes; the other goes on at once, for the lease is given back
    const [gone, left] = before[0] === size ? [first, second] : [second, first]
    await gone.stop()
    await Promise.all(Array.from({ length: 10 }, () => world.paywall()))
    expect(await isSealed(size + 10)).toBe(size + 10)
    expect((await left.services.metrics.sealedLeaves.get()).values[0]!.value).toBe(10)
    expect((await db.selectFrom('lease').select('holder').executeTakeFirstOrThrow()).holder).not.toBe(holder)

    const checkpoints = await db.selectFrom('audit_checkpoint').select(['number', 'root']).orderBy('number').execute()
    await eventually(async () => {
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line)).map(({ number, root }) => [number, root])).toEqual(
        checkpoints.map(({ number, root }) => [Number(number), root.toString('hex')]),
      )
    })
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a place that takes no checkpoints does not keep leaves from being sealed, and is said', async () => {
  await using world = await testWorld({
    workers: false,
    environment: { AUDIT_CHECKPOINTS: '/nowhere/at/all.jsonl', SEAL_INTERVAL_MS: '30' },
  })
  const { db, metrics } = world.built.services
  world.built.startSealer()
  await eventually(async () => expect(await db.selectFrom('audit_unsealed').select('stream').execute()).toEqual([]))
  await eventually(() => {
    expect(world.log.some(({ msg }) => msg.startsWith('checkpoints could not be exported'))).toBe(true)
  })
  await world.paywall()
  await eventually(async () => expect(await db.selectFrom('audit_unsealed').select('stream').execute()).toEqual([]))
  const failures = (await metrics.workerFailures.get()).values.find(({ labels }) => labels.queue === 'sealer')
  expect(failures?.value).toBeGreaterThan(0)
})

test('the age of the oldest leaf that waits is a metric', async () => {
  await using world = await testWorld({ workers: false })
  const age = async () => {
    const text = await (await fetch(`${world.url}/metrics`)).text()
    return Number(/^audit_unsealed_oldest_seconds (\S+)$/m.exec(text)?.[1])
  }
  expect(await age()).toBeGreaterThan(0)
  world.built.startSealer()
  await eventually(async () => expect(await age()).toBe(0))
})
