import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../../db/connect.ts'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import {
  checkpointColumns,
  checkpointFault,
  checkpointHash,
  checkpointOf,
  noCheckpoint,
} from '../../../server/domain/audit/checkpoint.ts'
import { auditKey } from '../../../server/domain/audit/keys.ts'
import { grow, inclusionRanges, isIncluded, rootOf, type Tree } from '../../../server/domain/audit/merkle-tree.ts'
import { readRangeRoots } from '../../../server/domain/audit/read-hashes.ts'
import { BATCH, BrokenLog, sealLeaves } from '../../../server/domain/audit/seal-leaves.ts'
import { append, emptyTrail, nextStep } from '../../../server/domain/audit/trail.ts'
import { giveLease, takeLease } from '../../../server/workers/lease.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { testDatabase } from '../../support/database.ts'
import { databaseProxy } from '../../support/database-proxy.ts'
import { key, publicKeys, seal, writeTrail } from './support/trails.ts'

/** Everything that must hold of a log, computed anew, as of one moment. Answers with its number of leaves. */
const expectOneLog = (db: Kysely<Database>): Promise<number> => transaction(db, expectOneLogIn, { idempotent: true })

async function expectOneLogIn(db: Kysely<Database>): Promise<number> {
  const [positions, leaves, waiting, checkpoints, nodes] = await Promise.all([
    db
      .selectFrom('audit_position')
      .select(['leaf_index', 'stream', 'sequence', 'hash'])
      .orderBy('leaf_index')
      .execute(),
    db.selectFrom('audit').select(['stream', 'sequence', 'hash']).execute(),
    db.selectFrom('audit_unsealed').select(['stream', 'sequence']).execute(),
    db
      .selectFrom('audit_checkpoint')
      .select([...checkpointColumns, 'frontier'])
      .orderBy('number')
      .execute(),
    db.selectFrom('audit_node').select(['level', 'node_index', 'hash']).execute(),
  ])
  const nameOf = ({ stream, sequence }: { stream: string; sequence: bigint }) => `${stream}/${sequence}`
  const hashes = new Map(leaves.map((leaf) => [nameOf(leaf), leaf.hash]))
  const [placed, left] = [positions.map(nameOf), waiting.map(nameOf)]
  expect([...placed, ...left].sort()).toEqual([...hashes.keys()].sort())

  const tree: Tree = { size: 0, peaks: [] }
  const complete = new Map<string, Buffer>()
  let previous = noCheckpoint
  for (const [n, row] of checkpoints.entries()) {
    const checkpoint = checkpointOf(row)
    expect(checkpoint).toMatchObject({ number: n + 1, previous })
    expect(checkpoint.size).toBeGreaterThan(tree.size)
    while (tree.size < checkpoint.size) {
      expect(positions[tree.size]?.leaf_index).toBe(BigInt(tree.size))
      expect(positions[tree.size]?.hash).toEqual(hashes.get(placed[tree.size]!))
      grow(tree, hashes.get(placed[tree.size]!)!, 0, (level, index, hash) => complete.set(`${level}/${index}`, hash))
    }
    expect(checkpoint.root).toBe(rootOf(tree).toString('hex'))
    expect(row.frontier).toEqual(Buffer.concat(tree.peaks))
    expect(checkpointFault(checkpoint, publicKeys)).toBe(null)
    previous = checkpointHash(checkpoint)
  }
  expect(tree.size).toBe(positions.length)
  expect(nodes.length).toBe(Math.floor(tree.size / 256) + Math.floor(tree.size / 65_536))
  for (const { level, node_index, hash } of nodes) expect(complete.get(`${level}/${node_index}`)).toEqual(hash)
  return tree.size
}

test('what was written gets its place, batch after batch; what is sealed stays as it is', async () => {
  await using database = await testDatabase()
  const { db } = database
  expect(await seal(db)).toBe(null)

  await writeTrail(db, 3)
  expect(await seal(db)).toMatchObject({ leaves: 3, checkpoint: { number: 1, size: 3, previous: noCheckpoint } })
  const before = await db.selectFrom('audit_position').select(['leaf_index', 'stream', 'sequence']).execute()
  expect(await seal(db)).toBe(null)

  for (const leaves of [1, 4, 300, 7]) {
    await writeTrail(db, leaves)
    expect((await seal(db))?.leaves).toBe(leaves)
  }
  expect(await expectOneLog(db)).toBe(315)
  expect(await db.selectFrom('audit_position').select(['leaf_index', 'stream', 'sequence']).limit(3).execute()).toEqual(
    before,
  )
})

test('more than a batch is sealed in several checkpoints', async () => {
  await using database = await testDatabase()
  const { db } = database
  const size = BATCH + 10
  await withAdmin(database.adminUrl, async (admin) => {
    await admin.query('set session_replication_role = origin')
    await admin.query(
      `insert into audit (stream, sequence, app_id, body, hash)
      select gen_random_uuid(), 1, gen_random_uuid(), '{}', sha256(n::text::bytea) from generate_series(1, ${size}) n`,
    )
  })
  expect((await seal(db))?.leaves).toBe(BATCH)
  expect((await seal(db))?.leaves).toBe(10)
  expect(await expectOneLog(db)).toBe(size)

  // any leaf is proven from what is kept
  const root = rootOf(await treeOf(db))
  const leaves = await db
    .selectFrom('audit_position')
    .innerJoin('audit', 'audit.stream', 'audit_position.stream')
    .select(['leaf_index', 'audit.hash'])
    .execute()
  for (const index of [0, 1, 255, 256, 4095, 4096, size - 2, size - 1]) {
    const path = await readRangeRoots(db, inclusionRanges(index, size))
    const { hash } = leaves.find(({ leaf_index }) => leaf_index === BigInt(index))!
    expect(isIncluded(hash, index, { size, root }, path)).toBe(true)
  }
})

async function treeOf(db: Kysely<Database>): Promise<Tree> {
  const rows = await db
    .selectFrom('audit_position')
    .innerJoin('audit', 'audit.stream', 'audit_position.stream')
    .select('audit.hash')
    .orderBy('leaf_index')
    .execute()
  const tree: Tree = { size: 0, peaks: [] }
  for (const { hash } of rows) grow(tree, hash)
  return tree
}

test('a leaf that commits late is in the next batch, however much was sealed before it', async () => {
  await using database = await testDatabase()
  const { db } = database
  const [written, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const late = transaction(db, async (trx) => {
    const object = { type: 'app' as const, id: key.id, appId: '00000000-0000-0000-0000-00000000000a' }
    const step = nextStep(emptyTrail, {
      object: { ...object, id: '00000000-0000-0000-0000-00000000000b' },
      principal: { kind: 'system', name: 'test' },
      type: 'app.created',
      at: new Date(),
      data: {},
    })
    await append(trx, step)
    written.resolve()
    await commit.promise
  })
  await written.promise
  await writeTrail(db, 5)
  expect((await seal(db))?.leaves).toBe(5)
  commit.resolve()
  await late
  expect(await sealLeaves(db, { key, publicKeys, now: new Date(), recent: true })).toMatchObject({ leaves: 1 })
  expect(await expectOneLog(db)).toBe(6)
})

test('a leaf that committed after more than a minute is not recent, and is found all the same', async () => {
  await using database = await testDatabase()
  const { db } = database
  await writeTrail(db, 2)
  await withAdmin(database.adminUrl, (admin) =>
    admin.query(`update audit_unsealed set recorded_at = recorded_at - interval '2 minutes' where sequence = 2`),
  )
  expect(await sealLeaves(db, { key, publicKeys, now: new Date(), recent: true })).toMatchObject({ leaves: 1 })
  expect(await seal(db)).toMatchObject({ leaves: 1 })
  expect(await expectOneLog(db)).toBe(2)
})

test('several who seal at once, while leaves are written, make one log', async () => {
  await using database = await testDatabase({ maxConnections: 20 })
  const { db } = database
  let isWriting = true
  const writing = Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 15; n++) await writeTrail(db, 1 + (n % 4))
    }),
  ).finally(() => {
    isWriting = false
  })
  let lost = 0
  const sealing = Array.from({ length: 4 }, async () => {
    while (isWriting) if (!(await seal(db))) lost++
  })
  await Promise.all([writing, ...sealing])
  await seal(db)
  expect(lost).toBeGreaterThan(0)
  expect(await expectOneLog(db)).toBe(4 * (1 + 2 + 3 + 4) * 3 + 4 * (1 + 2 + 3))
  expect(await db.selectFrom('audit_unsealed').select('stream').execute()).toEqual([])
})

test.each(['drop-before', 'drop-after', 'ambiguous', 'retry'] as const)(
  'the connection at the moment of sealing: %s; all of it is there or nothing, and it goes on',
  async (fault) => {
    await using database = await testDatabase()
    const { db } = database
    await writeTrail(db, 300)
    await seal(db)
    await writeTrail(db, 300)

    let faults = 1
    await using proxy = await databaseProxy(database.applicationUrl, ({ sql }) =>
      sql.includes('insert into audit_checkpoint') && faults-- > 0 ? fault : undefined,
    )
    await using through = connect(proxy.url, { onQuery: database.onQuery })
    const outcome = await seal(through.db).catch((error) => error.name)
    expect(proxy.injected[fault]).toBe(1)
    const size = await expectOneLog(db)
    expect([outcome, size]).toEqual(
      {
        'drop-before': ['AmbiguousCommit', 300],
        'drop-after': ['AmbiguousCommit', 600],
        ambiguous: ['AmbiguousCommit', 600],
        retry: [expect.objectContaining({ leaves: 300 }), 600],
      }[fault],
    )

    await writeTrail(db, 5)
    while (await seal(through.db));
    expect(await expectOneLog(db)).toBe(605)
  },
)

test('a process that seals and is killed, again and again, leaves one log', async () => {
  await using database = await testDatabase({ maxConnections: 8 })
  const { db } = database
  let [leaves, isWriting] = [0, true]
  const writing = (async () => {
    for (let n = 0; isWriting; n++) {
      await writeTrail(db, 1 + (n % 9))
      leaves += 1 + (n % 9)
    }
  })()
  const program = fileURLToPath(new URL('./support/seal-process.ts', import.meta.url))
  for (let kills = 0; kills < 6; kills++) {
    const child = fork(program, [database.applicationUrl])
    await once(child, 'message')
    await sleep(Math.random() * 60)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expectOneLog(db)
  }
  isWriting = false
  await writing
  while (await seal(db));
  expect(await expectOneLog(db)).toBe(leaves)
}, 60_000)

test('a leaf that has its place and waits all the same is not in the way', async () => {
  await using database = await testDatabase()
  const { db } = database
  const id = await writeTrail(db, 2)
  await seal(db)
  await db.insertInto('audit_unsealed').values({ shard: 0, stream: id, sequence: 1n }).execute()
  const other = await writeTrail(db, 1)
  expect(await seal(db)).toBe(null)
  expect(await seal(db)).toMatchObject({ leaves: 1 })
  expect(await expectOneLog(db)).toBe(3)

  // nor is one that waits twice
  const twice = await writeTrail(db, 2)
  for (const shard of [0, 1, 2])
    await db.insertInto('audit_unsealed').values({ shard, stream: twice, sequence: 2n }).execute()
  await db.insertInto('audit_unsealed').values({ shard: 0, stream: other, sequence: 1n }).execute()
  expect(await seal(db)).toBe(null)
  expect(await seal(db)).toMatchObject({ leaves: 2 })
  expect(await expectOneLog(db)).toBe(5)
})

test('nothing is sealed on top of a checkpoint that is not ours', async () => {
  await using database = await testDatabase()
  const { db } = database
  await writeTrail(db, 3)
  await seal(db)
  await writeTrail(db, 1)
  const tampering = {
    'its signature is not one of its key': 'update audit_checkpoint set tree_size = 2',
    'whose public half was not given': `update audit_checkpoint set key_id = 'other'`,
    'its frontier is not that of its root': `update audit_checkpoint set frontier = decode(repeat('00', 64), 'hex')`,
  }
  const [before] = await db.selectFrom('audit_checkpoint').select(['tree_size', 'key_id', 'frontier']).execute()
  for (const [fault, statement] of Object.entries(tampering)) {
    await withAdmin(database.adminUrl, (admin) => admin.query(statement))
    const error = await seal(db).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(BrokenLog)
    expect(error.message).toContain(fault)
    await withAdmin(database.adminUrl, (admin) =>
      admin.query('update audit_checkpoint set tree_size = $1, key_id = $2, frontier = $3', [
        before!.tree_size,
        before!.key_id,
        before!.frontier,
      ]),
    )
  }
  // a new key signs on top of what the old one signed, while the old one's public half is known
  const next = auditKey('next', Buffer.alloc(32, 8))
  expect(await sealLeaves(db, { key: next, publicKeys, now: new Date() })).toMatchObject({
    checkpoint: { number: 2, key: 'next' },
  })
})

test('a lease is held by one, renewed by it, taken over when it has ended, and given back', async () => {
  await using database = await testDatabase()
  const { db } = database
  const lease = (holder: string) => ({ name: 'a test', holder: `00000000-0000-0000-0000-00000000000${holder}` })
  const [a, b, c] = [lease('a'), lease('b'), lease('c')]

  const taken = await Promise.all([a, b, c].map((one) => takeLease(db, one, 60_000)))
  expect(taken.filter(Boolean)).toHaveLength(1)
  const holder = [a, b, c][taken.indexOf(true)]!
  const [other] = [a, b, c].filter((one) => one !== holder)
  expect(await takeLease(db, holder, 60_000)).toBe(true)
  expect(await takeLease(db, other!, 60_000)).toBe(false)
  await giveLease(db, other!)
  expect(await takeLease(db, other!, 60_000)).toBe(false)
  await giveLease(db, holder)
  expect(await takeLease(db, other!, 1)).toBe(true)
  await sleep(5)
  expect(await takeLease(db, holder, 60_000)).toBe(true)
})
