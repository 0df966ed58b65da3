import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import type { AcceptedOperation } from '../../../server/contract/eerc.ts'
import type { Address } from '../../../server/contract/entities.ts'
import type { Rule } from '../../../server/contract/policies.ts'
import { publicKeysOf } from '../../../server/domain/audit/keys.ts'
import { makeReport } from '../../../server/domain/reports/make-report.ts'
import { findUnscreened, findWaitingOf, rescreen } from '../../../server/domain/transactions/rescreen.ts'
import { publish } from '../../support/policies.ts'
import { sealAll, worldKey } from '../../support/seal.ts'
import { expectRefusal } from '../approvals/support/wishes.ts'
import { approvedBy, type Issuer, issuerWorld } from './support/issuer.ts'

let world: Issuer
beforeAll(async () => {
  world = await issuerWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

type Holder = { id: string; address: Address }

const asked = () => ({ tokenId: world.token.id, reason: 'ordered by a court', idempotencyKey: randomUUID() })
const transfer = (from: Holder, to: Holder, amount = 10n): Promise<AcceptedOperation> =>
  world.client.eerc.transfer.mutate({
    tokenId: world.token.id,
    walletId: from.id,
    to: to.address,
    amount,
    idempotencyKey: randomUUID(),
  })
const get = ({ id: operationId }: { id: string }) => world.client.eerc.get.query({ operationId })
const explain = (decisionId: string) => world.client.decisions.explain.query({ decisionId })
const refusalTo = (wish: Promise<unknown>) => wish.then(() => expect.unreachable('it was accepted'), errorOf)

test('what was accepted is explained: the rules are asked again, what the chain and the token said is not', async () => {
  const rule: Rule = { rule: 'threshold', assetId: world.token.assetId, above: 1_000n, otherwise: 'deny' }
  await publish(world, rule)
  const [from, to] = [await world.holder(), await world.holder(0n)]
  const operation = await transfer(from, to)
  const explained = await explain(operation.decisionId)
  expect(explained).toMatchObject({
    decision: { action: 'eerc.transfer', outcome: 'allow', subject: { payer: from.address, recipient: to.address } },
    ...{ paymentId: null, operationId: operation.id, repeated: 'in_part', commitment: { holds: true } },
    audit: { agrees: true, leaf: { stream: operation.id, sequence: 1n } },
  })
  const byRule = new Map(explained.checks.map((check) => [check.rule, check]))
  expect(byRule.get('deny-list')).toMatchObject({ repeated: true, asked: null })
  expect(byRule.get('threshold')).toMatchObject({ repeated: true, asked: rule })
  for (const check of explained.checks.slice(3)) {
    expect(check).toMatchObject({ repeated: null, asked: null, entries: [] })
    expect(check.evidence).toMatch(/^block \d+ 0x/)
  }
  expect(explained.text).toContain(`It is the operation ${operation.id}.`)
  expect(explained.text).toContain('the rules say the same, but for tx-allow-list, token-operation')
  await publish(world)
})

test('a refusal tells whose tokens were to be frozen, and how much', async () => {
  const stranger: Address = '0x00000000000000000000000000000000000000AA'
  await world.setRole('FREEZER_ROLE', false)
  const refusal = await refusalTo(world.client.eerc.freeze.mutate({ ...asked(), holder: stranger, frozen: 900n }))
  await world.setRole('FREEZER_ROLE', true)
  expect(refusal.code).toBe('REFUSED_BY_COMPLIANCE')
  const explained = await explain(String(refusal.details.decisionId))
  expect(explained).toMatchObject({
    decision: { action: 'eerc.freeze', subject: { holder: stranger, frozen: '900', payer: world.agent } },
    ...{ operationId: null, repeated: 'in_part', commitment: { holds: true }, audit: { agrees: true } },
  })
  expect(explained.text).toContain(`frozen 900`)
})

test('whoever is listed is looked for among operations too: what waits is refused, and no approval lets it go', async () => {
  const [from, to] = [await world.holder(), await world.holder(0n)]
  const queued = await transfer(from, to)
  const held = await world.client.eerc.mint.mutate({ ...asked(), to: to.address, amount: 5n })
  const { services } = world.built
  expect((await findWaitingOf(services, to.address)).map(({ id }) => id).sort()).toEqual(
    [queued.transactionId, held.transactionId].sort(),
  )
  await world.client.lists.add.mutate({ list: 'sanctions', address: to.address, reason: 'named by the regulator' })
  const waiting = await findUnscreened(services, 0, 100)
  expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining([queued.transactionId, held.transactionId]))
  await rescreen(services, waiting)
  for (const operation of [queued, held])
    expect(await get(operation)).toMatchObject({ state: 'refused', failure: { reason: 'ADDRESS_ON_DENY_LIST' } })
  expectRefusal(await world.officers[0].mutate('approvals.approve', { approvalId: held.approvalId }), 'REQUEST_VOID')
})

test('limits count transfers, however many come at once, and nothing that is done for the issuer', async () => {
  const [from, to] = [await world.holder(), await world.holder(0n)]
  const { assetId } = world.token
  await publish(world, {
    ...{ rule: 'limit', per: 'wallet', assetId, windowSeconds: 3_600, count: 3, sum: 40n, otherwise: 'deny' },
  })
  for (let times = 0; times < 4; times++)
    await world.client.eerc.mint.mutate({ ...asked(), to: to.address, amount: 5n })
  const answers = await Promise.all(Array.from({ length: 8 }, () => transfer(from, to).catch(errorOf)))
  expect(answers.filter((answer) => 'id' in answer)).toHaveLength(3)
  const { details } = await refusalTo(transfer(from, to))
  expect(details.checks).toMatchObject([{ rule: 'limit' }])
  await publish(world, { rule: 'velocity', count: 3, windowSeconds: 3_600, otherwise: 'review' })
  const other = await world.holder()
  for (let times = 0; times < 3; times++) expect((await transfer(other, to)).state).toBe('accepted')
  const reviewed = await transfer(other, to)
  expect(reviewed).toMatchObject({ state: 'held', approvalId: expect.any(String) })
  await approvedBy(world.officers[0], reviewed)
  expect((await get(reviewed)).state).toBe('accepted')
  await publish(world)
})

test('reports show what was decided on tokens, and who let it be done', async () => {
  await sealAll(world)
  const { files } = await makeReport(
    world.built.services.db,
    {
      ...{ id: randomUUID(), appId: world.appId, kinds: ['decisions', 'refusals', 'privileged-actions'] },
      ...{ from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 60_000), requestedBy: 'user:1' },
      now: new Date(),
    },
    { key: worldKey, publicKeys: publicKeysOf([worldKey]) },
  )
  const tables = (kind: string): Record<string, Record<string, string | null>[]> =>
    JSON.parse(Buffer.concat(files.find(({ name }) => name === `${kind}.json`)!.parts).toString()).tables
  const frozen = tables('refusals').refusals!.find(({ action }) => action === 'eerc.freeze')!
  expect(JSON.parse(frozen.details!)).toMatchObject({ frozen: '900' })
  expect(tables('decisions')['decisions-by-outcome']).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: 'eerc.transfer', outcome: 'allow' })]),
  )
  const privileged = tables('privileged-actions')['privileged-actions']!
  expect(privileged.map(({ action }) => action)).toContain('token.registered')
  const approval = privileged.find(
    ({ action, data }) => action === 'approval.approved' && JSON.parse(data!).action.type === 'eerc.transfer',
  )
  expect(approval).toMatchObject({
    actor: `user:${world.officers[0].userId}`,
    requested_by: expect.stringMatching(/^key:/),
  })
})
