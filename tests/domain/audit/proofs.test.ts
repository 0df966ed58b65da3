import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { AuditConsistency, AuditProof, Checkpoint } from '../../../server/contract/audit.ts'
import { withAdmin } from '../../http/support/rows.ts'
import { sealAll, worldKey } from '../../support/seal.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

// What anybody can check with the public key and RFC 9162, written without the code of the service.

const publicKey = createPublicKey(worldKey.privateKey)
const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const node = (left: Buffer, right: Buffer) => sha256(Buffer.of(1), left, right)

function isSigned({ signature, ...said }: Checkpoint): boolean {
  const bytes = Buffer.from(canonicalize({ about: 'provider-service audit checkpoint', ...said })!)
  return verify(null, bytes, publicKey, Buffer.from(signature, 'hex'))
}

function isProven({ leaf, seal }: AuditProof): boolean {
  if (!seal) return false
  let [at, last] = [seal.index, seal.checkpoint.size - 1]
  let hash = sha256(Buffer.of(0), Buffer.from(leaf.body))
  for (const sibling of seal.path.map((text) => Buffer.from(text, 'hex'))) {
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash)
      for (; at % 2 === 0 && at > 0; last = Math.floor(last / 2)) at /= 2
    } else hash = node(hash, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && hash.toString('hex') === seal.checkpoint.root && isSigned(seal.checkpoint)
}

/** From one to the other by roots of complete subtrees: of the first, read from the path; then the rest on top. */
function isContinued({ from, to, path }: AuditConsistency): boolean {
  if (from.size === to.size) return path.length === 0 && from.root === to.root && isSigned(from) && isSigned(to)
  let [at, last] = [from.size - 1, to.size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  const hashes = path.map((text) => Buffer.from(text, 'hex'))
  const start = at === 0 ? Buffer.from(from.root, 'hex') : hashes.shift()!
  let [before, after] = [start, start]
  for (const sibling of hashes) {
    if (at % 2 === 1 || at === last) {
      ;[before, after] = [node(sibling, before), node(sibling, after)]
      for (; at % 2 === 0 && at > 0; last = Math.floor(last / 2)) at /= 2
    } else after = node(after, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  const same = last === 0 && before.toString('hex') === from.root && after.toString('hex') === to.root
  return same && isSigned(from) && isSigned(to)
}

test('a record is proven by whoever has the public key', async () => {
  const paywall = await world.paywall()
  for (const price of [2n, 3n]) await world.client.paywalls.update.mutate({ paywallId: paywall.id, price })
  const first = await sealAll(world)
  for (let n = 0; n < 5; n++) {
    await world.paywall()
    await sealAll(world)
  }
  for (const sequence of [1n, 2n, 3n]) {
    const proof = await world.client.audit.proof.query({ objectId: paywall.id, sequence })
    expect(isProven(proof)).toBe(true)
    expect(proof.seal!.checkpoint.number).toBe(first.number + 5)
    expect(JSON.parse(proof.leaf.body)).toMatchObject({ object: paywall.id, sequence: Number(sequence) })

    expect(isProven({ ...proof, leaf: { ...proof.leaf, body: proof.leaf.body.replace('paywall', 'Paywall') } })).toBe(
      false,
    )
    expect(isProven({ ...proof, seal: { ...proof.seal!, index: proof.seal!.index ^ 1 } })).toBe(false)
    const { checkpoint } = proof.seal!
    for (const [field, value] of Object.entries({
      size: checkpoint.size + 1,
      number: 1,
      sealedAt: new Date(0).toISOString(),
    }))
      expect(isSigned({ ...checkpoint, [field]: value })).toBe(false)
  }
})

test('every checkpoint is shown to go on from every earlier one', async () => {
  for (let n = 0; n < 4; n++) {
    await world.paywall()
    await sealAll(world)
  }
  const last = await sealAll(world)
  for (let from = 1; from <= last.number; from++)
    for (const to of [undefined, from, Math.ceil((from + last.number) / 2)]) {
      const proof = await world.client.audit.consistency.query({ from, ...(to && { to }) })
      expect([proof.from.number, proof.to.number]).toEqual([from, to ?? last.number])
      expect(isContinued(proof)).toBe(true)
    }
})

test('a record that is not sealed yet has no seal; once it is, it has', async () => {
  const { id: objectId } = await world.paywall()
  const proof = await world.client.audit.proof.query({ objectId, sequence: 1n })
  expect(proof.seal).toBe(null)
  expect(JSON.parse(proof.leaf.body)).toMatchObject({ object: objectId })
  await sealAll(world)
  expect(isProven(await world.client.audit.proof.query({ objectId, sequence: 1n }))).toBe(true)
})

test("what is not there, another app's, or from before: not found", async () => {
  const { id: objectId } = await world.paywall()
  const before = await sealAll(world)
  await world.paywall()
  const last = await sealAll(world)
  const { client } = await world.stranger()
  const questions = [
    () => world.client.audit.proof.query({ objectId: randomUUID(), sequence: 1n }),
    () => world.client.audit.proof.query({ objectId, sequence: 2n }),
    () => client.audit.proof.query({ objectId, sequence: 1n }),
    () => world.client.audit.consistency.query({ from: last.number, to: before.number }),
    () => world.client.audit.consistency.query({ from: last.number + 100 }),
  ]
  for (const question of questions)
    expect(await question().then(() => null, errorOf)).toMatchObject({ code: 'NOT_FOUND' })
})

test('a leaf that is not what was sealed is not proven', async () => {
  const { id: objectId } = await world.paywall()
  await sealAll(world)
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query(`update audit set hash = sha256(body) where stream = $1`, [objectId]),
  )
  const error = await world.client.audit.proof.query({ objectId, sequence: 1n }).then(() => null, errorOf)
  expect(error).toMatchObject({ code: 'INTERNAL' })
})
