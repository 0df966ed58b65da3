import { createHash, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { verifyTrails } from '../../../server/domain/audit/verify-trails.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const verify = () => verifyTrails(world.built.services.db)
const asAdmin = (work: (admin: pg.ClientBase) => Promise<unknown>) => withAdmin(world.database.adminUrl, work)
const hashOf = (body: string) =>
  createHash('sha256')
    .update(Buffer.from([0]))
    .update(body)
    .digest()

/** A paywall with four leaves. */
async function changed(): Promise<string> {
  const { id } = await world.paywall()
  for (const price of [2n, 3n]) await world.client.paywalls.update.mutate({ paywallId: id, price })
  await world.client.paywalls.archive.mutate({ paywallId: id })
  return id
}

const bodyOf = async (admin: pg.ClientBase, stream: string, sequence: number): Promise<string> => {
  const { rows } = await admin.query('select body from audit where stream = $1 and sequence = $2', [stream, sequence])
  return rows[0].body.toString()
}
const write = (admin: pg.ClientBase, stream: string, sequence: number, body: string, hash = hashOf(body)) =>
  admin.query('update audit set body = $3, hash = $4 where stream = $1 and sequence = $2', [
    stream,
    sequence,
    Buffer.from(body),
    hash,
  ])

const refusal = async () => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  await world.client.lists.add.mutate({ list: 'sanctions', address: wallet.address, reason: 'test' })
  const refused = await world.client.payments.create
    .mutate({ paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() })
    .then(() => null, errorOf)
  return String(refused?.details.decisionId)
}

test('what nobody touched has no fault', async () => {
  await Promise.all([changed(), refusal()])
  const { objects, leaves, faults } = await verify()
  expect(faults).toEqual([])
  expect(objects).toBeGreaterThan(6)
  expect(leaves).toBeGreaterThan(objects)
})

const tampering: Record<string, (admin: pg.ClientBase, object: string) => Promise<unknown>> = {
  'an edited leaf': async (admin, id) => {
    const body = (await bodyOf(admin, id, 2)).replace('"price":"2"', '"price":"9"')
    return admin.query('update audit set body = $2 where stream = $1 and sequence = 2', [id, Buffer.from(body)])
  },
  'an edited leaf with the hash that goes with it': async (admin, id) =>
    write(admin, id, 2, (await bodyOf(admin, id, 2)).replace('"price":"2"', '"price":"9"')),
  'a last leaf edited with its hash': async (admin, id) =>
    write(admin, id, 4, (await bodyOf(admin, id, 4)).replace('archived', 'open')),
  'a deleted leaf in the middle': (admin, id) =>
    admin.query('delete from audit where stream = $1 and sequence = 2', [id]),
  'a deleted first leaf': (admin, id) => admin.query('delete from audit where stream = $1 and sequence = 1', [id]),
  'a truncated trail': (admin, id) => admin.query('delete from audit where stream = $1 and sequence > 2', [id]),
  'a trail that is gone': (admin, id) => admin.query('delete from audit where stream = $1', [id]),
  'two leaves swapped': async (admin, id) => {
    const [second, third] = [await bodyOf(admin, id, 2), await bodyOf(admin, id, 3)]
    await write(admin, id, 2, third)
    await write(admin, id, 3, second)
  },
  'numbers moved after a deletion': async (admin, id) => {
    await admin.query('delete from audit where stream = $1 and sequence = 2', [id])
    await admin.query('update audit set sequence = sequence - 1 where stream = $1 and sequence > 2', [id])
  },
  'a leaf more than the row knows of': async (admin, id) => {
    const last = JSON.parse(await bodyOf(admin, id, 4))
    const previous = hashOf(await bodyOf(admin, id, 4)).toString('hex')
    const body = JSON.stringify({ ...last, sequence: 5, previous })
    return admin.query('insert into audit (stream, sequence, app_id, body, hash) values ($1, 5, $2, $3, $4)', [
      id,
      world.appId,
      Buffer.from(body),
      hashOf(body),
    ])
  },
  'a leaf of another object': async (admin, id) => {
    const other = await changed()
    await write(admin, id, 1, await bodyOf(admin, other, 1))
  },
  'an altered head': (admin, id) =>
    admin.query('update paywall set audit_head = $2 where id = $1', [id, Buffer.alloc(32, 1)]),
  'an altered version': (admin, id) => admin.query('update paywall set version = 3 where id = $1', [id]),
  'bytes that are no JSON': (admin, id) => write(admin, id, 2, 'nonsense'),
  'JSON that is no leaf': (admin, id) => write(admin, id, 2, 'null'),
  'a leaf without its number': (admin, id) => write(admin, id, 2, JSON.stringify({ object: id })),
  'a leaf with a number that is none': (admin, id) =>
    write(admin, id, 2, JSON.stringify({ object: id, sequence: 1.5 })),
}

test.each(Object.keys(tampering))('%s is found, and where', async (name) => {
  const id = await changed()
  const before = (await verify()).faults
  await asAdmin((admin) => tampering[name]!(admin, id))

  const after = (await verify()).faults
  const found = after.filter(({ object }) => object === id)
  expect(found).not.toEqual([])
  for (const { sequence, fault } of found)
    expect([typeof sequence, fault]).toEqual(['bigint', expect.stringMatching(/\w+ \w+/)])
  // and nothing else is accused
  expect(after.filter(({ object }) => object !== id)).toEqual(before)
})

test('the trail of a refusal cannot be deleted unseen', async () => {
  const decisionId = await refusal()
  await asAdmin((admin) => admin.query('delete from audit where stream = $1', [decisionId]))
  expect((await verify()).faults).toContainEqual({
    object: decisionId,
    sequence: 0n,
    fault: 'it has no trail at all',
  })
})
