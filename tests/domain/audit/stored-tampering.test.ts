import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../../db/connect.ts'
import type { Database } from '../../../db/schema.ts'
import type { Checkpoint } from '../../../server/contract/audit.ts'
import {
  checkpointColumns,
  checkpointHash,
  checkpointOf,
  noCheckpoint,
  signCheckpoint,
} from '../../../server/domain/audit/checkpoint.ts'
import { type AuditKey, auditKey } from '../../../server/domain/audit/keys.ts'
import { grow, rootOf, type Tree } from '../../../server/domain/audit/merkle-tree.ts'
import { isKept } from '../../../server/domain/audit/read-hashes.ts'
import { leafHash } from '../../../server/domain/audit/trail.ts'
import { verifyAuditIn } from '../../../server/domain/audit/verify-audit.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'
import { type Choices, pick, tamper } from './support/tampering.ts'
import { key, publicKeys, seal, writeTrail } from './support/trails.ts'

// What somebody with every right on the database does, who lacks the key, or lacks what was kept outside.

const RUNS = process.env.SOAK ? 10_000 : 150
/** Milliseconds, on a machine that is busy. */
const PATIENCE = RUNS * 400

let database: TestDatabase
let kept: Checkpoint[]
const stack = new AsyncDisposableStack()
beforeAll(async () => {
  database = stack.use(await testDatabase())
  const { db } = database
  for (const leaves of [3, 260, 1, 5, 2, 8, 4]) {
    await writeTrail(db, leaves)
    if (leaves !== 5) await seal(db)
  }
  const rows = await db.selectFrom('audit_checkpoint').select(checkpointColumns).orderBy('number').execute()
  kept = rows.map(checkpointOf)
  for (const leaves of [2, 1]) await writeTrail(db, leaves)
})
afterAll(() => stack.disposeAsync())

type Trx = Kysely<Database>

/** A leaf, by choice. */
async function someLeaf(trx: Trx, choice: number, { sealed = false } = {}) {
  const leaves = await trx
    .selectFrom('audit')
    .leftJoin('audit_position as place', (join) =>
      join.onRef('place.stream', '=', 'audit.stream').onRef('place.sequence', '=', 'audit.sequence'),
    )
    .select(['audit.stream', 'audit.sequence', 'audit.body', 'audit.hash', 'leaf_index'])
    .$if(sealed, (query) => query.where('leaf_index', 'is not', null))
    .orderBy('audit.stream')
    .orderBy('audit.sequence')
    .execute()
  return pick(leaves, choice)
}
const someCheckpoint = (trx: Trx, choice: number) =>
  trx
    .selectFrom('audit_checkpoint')
    .select(['number', 'tree_size'])
    .orderBy('number')
    .execute()
    .then((rows) => pick(rows, choice))

const edited = (body: Buffer, choice: number) =>
  Buffer.from(body.toString().replace(/"amount":"\d+"/, `"amount":"${choice + 77_000_000}"`))

const writeLeaf = (trx: Trx, { stream, sequence }: { stream: string; sequence: bigint }, body: Buffer, hash: Buffer) =>
  sql`update audit set body = ${body}, hash = ${hash} where stream = ${stream} and sequence = ${sequence}`.execute(trx)

/** Edits a leaf of the log, and makes its trail whole again: every hash after it, and the row of its object. */
async function rewriteTrail(trx: Trx, { a, b }: Choices) {
  const leaf = await someLeaf(trx, a, { sealed: true })
  let [body, hash] = [edited(leaf.body, b), leaf.hash]
  for (let sequence = leaf.sequence; ; sequence++) {
    hash = leafHash(body)
    await writeLeaf(trx, { stream: leaf.stream, sequence }, body, hash)
    const next = await trx
      .selectFrom('audit')
      .select('body')
      .where('stream', '=', leaf.stream)
      .where('sequence', '=', sequence + 1n)
      .executeTakeFirst()
    if (!next) break
    body = Buffer.from(next.body.toString().replace(/"previous":"\w+"/, `"previous":"${hash.toString('hex')}"`))
  }
  await sql`update app set audit_head = ${hash} where id = ${leaf.stream}`.execute(trx)
}

/** The log with the hashes that the leaves have now. */
const rewritePlaces = (trx: Trx) =>
  sql`update audit_position set hash = audit.hash from audit
    where audit.stream = audit_position.stream and audit.sequence = audit_position.sequence`.execute(trx)

/** Nodes, roots and the chain of checkpoints for what the places say now; signatures only with a key. */
async function rewriteTree(trx: Trx, signer: AuditKey | null) {
  const places = await trx.selectFrom('audit_position').select('hash').orderBy('leaf_index').execute()
  const checkpoints = await trx.selectFrom('audit_checkpoint').select(checkpointColumns).orderBy('number').execute()
  const tree: Tree = { size: 0, peaks: [] }
  const nodes: { level: number; index: number; hash: Buffer }[] = []
  let previous = noCheckpoint
  for (const row of checkpoints) {
    while (tree.size < Number(row.tree_size) && tree.size < places.length)
      grow(
        tree,
        places[tree.size]!.hash,
        0,
        (level, index, hash) => isKept(level) && nodes.push({ level, index, hash }),
      )
    const { number, size, sealedAt, ...old } = checkpointOf(row)
    const said = { number, size, sealedAt, previous, root: rootOf(tree).toString('hex') }
    const checkpoint: Checkpoint = signer ? signCheckpoint(said, signer) : { ...old, ...said }
    await sql`update audit_checkpoint set root = ${rootOf(tree)}, previous = ${Buffer.from(previous, 'hex')},
      frontier = ${Buffer.concat(tree.peaks)}, key_id = ${checkpoint.key},
      signature = ${Buffer.from(checkpoint.signature, 'hex')} where number = ${row.number}`.execute(trx)
    previous = checkpointHash(checkpoint)
  }
  for (const { level, index, hash } of nodes)
    await sql`update audit_node set hash = ${hash} where level = ${level} and node_index = ${index}`.execute(trx)
}

async function rewriteLog(trx: Trx, choices: Choices, signer: AuditKey | null) {
  await rewriteTrail(trx, choices)
  await rewritePlaces(trx)
  await rewriteTree(trx, signer)
}

/** Takes the last leaves of a trail away, and everything that speaks of them but the tree. */
async function cutTrail(trx: Trx, { a }: Choices) {
  const { stream, sequence } = await someLeaf(trx, a, { sealed: true })
  for (const table of ['audit', 'audit_position', 'audit_unsealed'])
    await sql`delete from ${sql.table(table)} where stream = ${stream} and sequence >= ${sequence}`.execute(trx)
  if (sequence === 1n) return sql`delete from app where id = ${stream}`.execute(trx)
  const { hash } = await trx
    .selectFrom('audit')
    .select('hash')
    .where('stream', '=', stream)
    .where('sequence', '=', sequence - 1n)
    .executeTakeFirstOrThrow()
  return sql`update app set version = ${sequence - 1n}, audit_head = ${hash} where id = ${stream}`.execute(trx)
}

/** Takes the last checkpoints away, and every leaf that came with them, so that what is left is whole. */
async function cutLog(trx: Trx, { a }: Choices) {
  const { number, tree_size } = await someCheckpoint(trx, 1 + (a % (kept.length - 1)))
  const before = await trx
    .selectFrom('audit_checkpoint')
    .select('tree_size')
    .where('number', '=', number - 1n)
    .executeTakeFirstOrThrow()
  await sql`delete from audit_unsealed`.execute(trx)
  await sql`delete from audit_position where leaf_index >= ${before.tree_size}`.execute(trx)
  await sql`delete from audit where not exists (select 1 from audit_position p
    where p.stream = audit.stream and p.sequence = audit.sequence)`.execute(trx)
  await sql`delete from audit_checkpoint where number >= ${number}`.execute(trx)
  await sql`delete from audit_node where (node_index + 1) * (1 << level) > ${before.tree_size}`.execute(trx)
  await sql`delete from app where not exists (select 1 from audit where stream = app.id)`.execute(trx)
  return tree_size
}

const bytes = (size: number, choice: number) => Buffer.alloc(size, choice % 251)

const tamperings: Record<string, (trx: Trx, choices: Choices) => Promise<unknown>> = {
  'a byte of a leaf': async (trx, { a, b, c }) => {
    const { stream, sequence, body } = await someLeaf(trx, a)
    const at = b % body.length
    const value = (body[at]! + 1 + (c % 255)) % 256
    return sql`update audit set body = set_byte(body, ${at}, ${value})
      where stream = ${stream} and sequence = ${sequence}`.execute(trx)
  },
  'a leaf made longer or shorter': async (trx, { a, b }) => {
    const leaf = await someLeaf(trx, a)
    const body =
      b % 2 === 0 ? Buffer.concat([leaf.body, bytes(1 + (b % 9), b)]) : leaf.body.subarray(0, b % leaf.body.length)
    return writeLeaf(trx, leaf, body, leaf.hash)
  },
  'the hash of a leaf': async (trx, { a, b }) => {
    const leaf = await someLeaf(trx, a)
    return writeLeaf(trx, leaf, leaf.body, bytes(32, b))
  },
  'a leaf with its hash': async (trx, { a, b }) => {
    const leaf = await someLeaf(trx, a)
    const body = edited(leaf.body, b)
    return writeLeaf(trx, leaf, body, leafHash(body))
  },
  'a trail with every hash in it': rewriteTrail,
  'a trail, and the log with it': async (trx, choices) => {
    await rewriteTrail(trx, choices)
    return rewritePlaces(trx)
  },
  'a trail, the log and its tree': (trx, choices) => rewriteLog(trx, choices, null),
  'a trail and the log, signed with another key': (trx, choices) =>
    rewriteLog(trx, choices, auditKey('other', Buffer.alloc(32, 9))),
  'a trail and the log, signed with another key under the name of ours': (trx, choices) =>
    rewriteLog(trx, choices, auditKey(key.id, Buffer.alloc(32, 9))),
  'a trail and the log, signed with our key': (trx, choices) => rewriteLog(trx, choices, key),
  'the app of a leaf': async (trx, { a }) => {
    const { stream, sequence } = await someLeaf(trx, a)
    return sql`update audit set app_id = gen_random_uuid() where stream = ${stream} and sequence = ${sequence}`.execute(
      trx,
    )
  },
  'a leaf deleted': async (trx, { a }) => {
    const { stream, sequence } = await someLeaf(trx, a)
    return sql`delete from audit where stream = ${stream} and sequence = ${sequence}`.execute(trx)
  },
  'an object deleted with its trail': async (trx, { a }) => {
    const { stream } = await someLeaf(trx, a)
    await sql`delete from audit where stream = ${stream}`.execute(trx)
    return sql`delete from app where id = ${stream}`.execute(trx)
  },
  'a trail cut short, in the log too': cutTrail,
  'two leaves swapped': async (trx, { a, b }) => {
    const [one, other] = [await someLeaf(trx, a), await someLeaf(trx, b)]
    await writeLeaf(trx, one, other.body, other.hash)
    return writeLeaf(trx, other, one.body, one.hash)
  },
  'numbers moved after a deletion': async (trx, { a }) => {
    const { stream, sequence } = await someLeaf(trx, a, { sealed: true })
    for (const table of ['audit', 'audit_position', 'audit_unsealed']) {
      await sql`delete from ${sql.table(table)} where stream = ${stream} and sequence = ${sequence}`.execute(trx)
      await sql`update ${sql.table(table)} set sequence = -sequence where stream = ${stream} and sequence > ${sequence}`.execute(
        trx,
      )
      await sql`update ${sql.table(table)} set sequence = -sequence - 1 where stream = ${stream} and sequence < 0`.execute(
        trx,
      )
    }
    return sql`update app set version = version - 1 where id = ${stream}`.execute(trx)
  },
  'an invented leaf at the end of a trail': async (trx, { a, b }) => {
    const { stream } = await someLeaf(trx, a)
    const last = await trx
      .selectFrom('audit')
      .select(['sequence', 'body', 'hash', 'app_id'])
      .where('stream', '=', stream)
      .orderBy('sequence', 'desc')
      .executeTakeFirstOrThrow()
    const sequence = last.sequence + 1n
    const said = {
      ...JSON.parse(last.body.toString()),
      sequence: Number(sequence),
      previous: last.hash.toString('hex'),
    }
    const body = Buffer.from(JSON.stringify(said))
    const hash = leafHash(body)
    await trx.insertInto('audit').values({ stream, sequence, app_id: last.app_id, body, hash }).execute()
    await sql`update app set version = ${sequence}, audit_head = ${hash} where id = ${stream}`.execute(trx)
    if (b % 2 === 0) return
    await sql`insert into audit_position (leaf_index, stream, sequence, hash)
      select max(leaf_index) + 1, ${stream}::uuid, ${sequence}::int8, ${hash}::bytea from audit_position`.execute(trx)
    await sql`delete from audit_unsealed where stream = ${stream} and sequence = ${sequence}`.execute(trx)
  },
  'the head of an object': async (trx, { a, b }) => {
    const { stream } = await someLeaf(trx, a)
    return b % 2 === 0
      ? sql`update app set version = version + ${1 + (b % 5)} where id = ${stream}`.execute(trx)
      : sql`update app set audit_head = ${bytes(32, b)} where id = ${stream}`.execute(trx)
  },
  'the trails of two objects exchanged': async (trx, { a, b }) => {
    const [one, other] = [(await someLeaf(trx, a)).stream, (await someLeaf(trx, b)).stream]
    const between = '00000000-0000-0000-0000-000000000000'
    for (const table of ['audit', 'audit_position', 'audit_unsealed'])
      for (const [from, to] of [
        [one, between],
        [other, one],
        [between, other],
      ])
        await sql`update ${sql.table(table)} set stream = ${to} where stream = ${from}`.execute(trx)
  },
  'two places in the log swapped': async (trx, { a, b }) => {
    const [one, other] = [await someLeaf(trx, a, { sealed: true }), await someLeaf(trx, b, { sealed: true })]
    const move = (from: bigint, to: bigint) =>
      sql`update audit_position set leaf_index = ${to} where leaf_index = ${from}`.execute(trx)
    await move(one.leaf_index!, -1n)
    await move(other.leaf_index!, one.leaf_index!)
    return move(-1n, other.leaf_index!)
  },
  'a place in the log gone, or far away': async (trx, { a, b }) => {
    const { leaf_index } = await someLeaf(trx, a, { sealed: true })
    return b % 2 === 0
      ? sql`delete from audit_position where leaf_index = ${leaf_index}`.execute(trx)
      : sql`update audit_position set leaf_index = ${BigInt(b) * 1000n + 500n} where leaf_index = ${leaf_index}`.execute(
          trx,
        )
  },
  'the hash at a place': async (trx, { a, b }) => {
    const { leaf_index } = await someLeaf(trx, a, { sealed: true })
    return sql`update audit_position set hash = ${bytes(32, b)} where leaf_index = ${leaf_index}`.execute(trx)
  },
  'another leaf said to be at a place': async (trx, { a }) => {
    const { leaf_index } = await someLeaf(trx, a, { sealed: true })
    return sql`update audit_position set stream = gen_random_uuid() where leaf_index = ${leaf_index}`.execute(trx)
  },
  'a field of a checkpoint': async (trx, { a, b, c }) => {
    const { number } = await someCheckpoint(trx, a)
    const fields = [
      sql`tree_size = tree_size * 1000 + ${c % 1000}`,
      sql`root = ${bytes(32, c)}`,
      sql`previous = ${bytes(32, c)}`,
      sql`sealed_at = sealed_at + ${`${1 + (c % 1000)} milliseconds`}::interval`,
      sql`key_id = ${`k${c}`}`,
      sql`signature = set_byte(signature, ${c % 64}, (get_byte(signature, ${c % 64}) + 1) % 256)`,
      sql`frontier = ${bytes(32 * (1 + (c % 3)), c)}`,
      sql`number = number + 100`,
    ]
    return sql`update audit_checkpoint set ${pick(fields, b)} where number = ${number}`.execute(trx)
  },
  'a checkpoint gone': async (trx, { a }) => {
    const { number } = await someCheckpoint(trx, a)
    return sql`delete from audit_checkpoint where number = ${number}`.execute(trx)
  },
  'the end of the log cut off, so that the rest is whole': cutLog,
  'two checkpoints exchanged': async (trx, { a, b }) => {
    const [one, other] = [await someCheckpoint(trx, a), await someCheckpoint(trx, b)]
    for (const [from, to] of [
      [one.number, -1n],
      [other.number, one.number],
      [-1n, other.number],
    ])
      await sql`update audit_checkpoint set number = ${to} where number = ${from}`.execute(trx)
  },
  'a node of the tree': async (trx, { a, c }) => {
    const changes = [
      sql`update audit_node set hash = ${bytes(32, c)}`,
      sql`delete from audit_node`,
      sql`insert into audit_node (level, node_index, hash) values (8, ${1 + (c % 100)}, ${bytes(32, c)})`,
    ]
    return pick(changes, a).execute(trx)
  },
  'a leaf that waits and is forgotten': async (trx, { a }) => {
    const waiting = await trx.selectFrom('audit_unsealed').select(['stream', 'sequence']).execute()
    const { stream, sequence } = pick(waiting, a)
    return sql`delete from audit_unsealed where stream = ${stream} and sequence = ${sequence}`.execute(trx)
  },
}

/** Begins what is rolled back at its end. A leaf that waits for minutes is a fault of its own: here they waited for a moment, however long this runs. */
async function beginTampering(db: Trx) {
  const trx = await db.startTransaction().setIsolationLevel('serializable').execute()
  await sql`update audit_unsealed set recorded_at = now()`.execute(trx)
  return trx
}

const verify = (db: Trx) => verifyAuditIn(db, { keys: publicKeys, kept })

/** A hash over everything that is evidence. */
async function evidence(trx: Trx): Promise<string> {
  const hashOf = (columns: string, table: string) =>
    sql.raw(
      `(select coalesce(md5(string_agg(t::text, ';' order by t::text)), '') from (select ${columns} from ${table}) t)`,
    )
  const { rows } = await sql<{ hash: string }>`select ${sql.join(
    [
      hashOf('stream, sequence, app_id, body, hash', 'audit'),
      hashOf('leaf_index, stream, sequence, hash', 'audit_position'),
      hashOf('number, tree_size, root, previous, sealed_at, key_id, signature, frontier', 'audit_checkpoint'),
      hashOf('level, node_index, hash', 'audit_node'),
      hashOf('stream, sequence', 'audit_unsealed'),
      hashOf('id, version, audit_head', 'app'),
    ],
    sql` || `,
  )} as hash`.execute(trx)
  return rows[0]!.hash
}

test('what nobody touched has no fault', async () => {
  const { trails, log } = await verify(database.db)
  expect([trails.faults, log.faults]).toEqual([[], []])
  expect({ leaves: trails.leaves, size: log.size, checkpoints: log.checkpoints }).toEqual({
    leaves: 286,
    size: 283,
    checkpoints: 6,
  })
})

test(
  'whatever is done to a stored trail is found',
  async () => {
    await using admin = connect(database.adminUrl, { maxConnections: 1 })
    await sql`set session_replication_role = replica`.execute(admin.db)
    const before = await evidence(admin.db)
    const names = Object.keys(tamperings)
    const done = new Map(names.map((name) => [name, 0]))
    const attempt = (kinds: readonly string[]) => async (choices: Choices) => {
      const name = pick(kinds, choices.kind)
      const trx = await beginTampering(admin.db)
      try {
        await tamperings[name]!(trx, choices)
        fc.pre((await evidence(trx)) !== before)
        const { trails, log } = await verify(trx)
        expect([...trails.faults, ...log.faults], name).not.toEqual([])
        done.set(name, done.get(name)! + 1)
      } finally {
        await trx.rollback().execute()
      }
    }
    await tamper('a stored trail', RUNS, attempt(names))
    // a few runs may happen to change nothing by one kind, such as two trails that are alike exchanged
    const left = names.filter((name) => done.get(name) === 0)
    if (left.length > 0) await tamper('a stored trail by the kinds left', 30 * left.length, attempt(left))
    expect([...done].filter(([, count]) => count === 0)).toEqual([])
    expect(await evidence(admin.db)).toBe(before)
  },
  PATIENCE,
)

test('without the key somebody else cannot be told from us: without what was kept outside neither can we', async () => {
  await using admin = connect(database.adminUrl, { maxConnections: 1 })
  await sql`set session_replication_role = replica`.execute(admin.db)
  const faultsAfter = async (work: (trx: Trx) => Promise<unknown>, given: Parameters<typeof verifyAuditIn>[1]) => {
    const trx = await beginTampering(admin.db)
    try {
      await work(trx)
      const { trails, log } = await verifyAuditIn(trx, given)
      return [...trails.faults, ...log.faults].length
    } finally {
      await trx.rollback().execute()
    }
  }
  const choices = { kind: 0, a: 5, b: 6, c: 7 }
  // the limits of what a log within one database can prove, said aloud
  const withOurKey = (trx: Trx) => rewriteLog(trx, choices, key)
  expect(await faultsAfter(withOurKey, { keys: publicKeys })).toBe(0)
  expect(await faultsAfter(withOurKey, { keys: publicKeys, kept })).toBeGreaterThan(0)
  expect(await faultsAfter(withOurKey, { keys: publicKeys, kept: kept.slice(-1) })).toBeGreaterThan(0)
  const withoutIt = (trx: Trx) => rewriteLog(trx, choices, null)
  expect(await faultsAfter(withoutIt, { keys: null })).toBe(0)
  expect(await faultsAfter(withoutIt, { keys: publicKeys })).toBeGreaterThan(0)
  expect(await faultsAfter(withoutIt, { keys: null, kept: kept.slice(-1) })).toBeGreaterThan(0)
  const unsealed = async (trx: Trx) => {
    const { stream } = await trx.selectFrom('audit_unsealed').select('stream').executeTakeFirstOrThrow()
    for (const table of ['audit', 'audit_unsealed'])
      await sql`delete from ${sql.table(table)} where stream = ${stream}`.execute(trx)
    await sql`delete from app where id = ${stream}`.execute(trx)
  }
  expect(await faultsAfter(unsealed, { keys: publicKeys, kept })).toBe(0)
  const cut = (trx: Trx) => cutLog(trx, choices)
  expect(await faultsAfter(cut, { keys: publicKeys })).toBe(0)
  expect(await faultsAfter(cut, { keys: publicKeys, kept })).toBeGreaterThan(0)
})

test('what is wrong is said where it is', async () => {
  await using admin = connect(database.adminUrl, { maxConnections: 1 })
  await sql`set session_replication_role = replica`.execute(admin.db)
  const trx = await beginTampering(admin.db)
  try {
    const { stream, sequence } = await someLeaf(trx, 7, { sealed: true })
    await sql`delete from audit where stream = ${stream}`.execute(trx)
    await sql`delete from app where id = ${stream}`.execute(trx)
    const { trails, log } = await verify(trx)
    expect(trails.faults).toContainEqual({
      object: stream,
      sequence,
      fault: 'it has its place in the log, and is gone',
    })
    expect(trails.faults.every(({ object }) => object === stream)).toBe(true)
    expect(log.faults).toEqual([])
  } finally {
    await trx.rollback().execute()
  }
})
