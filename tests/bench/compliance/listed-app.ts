import { randomUUID } from 'node:crypto'
import { transaction } from '../../../db/transaction.ts'
import type { ListKind } from '../../../server/contract/entities.ts'
import { createApp } from '../../../server/domain/apps/create-app.ts'
import { meterOf } from '../../../server/domain/compliance/meters.ts'
import type { Question } from '../../../server/domain/compliance/question.ts'
import { type Buckets, withPayment } from '../../../server/domain/compliance/usage.ts'
import { importFile } from '../../../server/domain/lists/import-file.ts'
import { publishAsApproved } from '../../../server/domain/lists/publish-as-approved.ts'
import type { FileRow } from '../../../server/gateways/list-files/file-row.ts'
import type { Services } from '../../../server/services.ts'
import { addressOf, type Payer, type Recipient } from './people.ts'
import { policyOfBench, WALLET_COUNT } from './policy.ts'
import { putInForce, serverOf } from './put-in-force.ts'

/** An app whose payments everything is asked about. */
export interface ListedApp {
  appId: string
  assetId: string
}

export interface ListedAppOptions {
  /** On its lists, together: half of them sanctioned, three in ten denied, the others allowed. */
  entries: number
  payers: readonly Payer[]
  recipients: readonly Recipient[]
}

/** Makes an app with its lists by the service's own import, wallets that have paid before, and a policy. */
export async function makeListedApp(services: Services, options: ListedAppOptions): Promise<ListedApp> {
  const { entries, payers, recipients } = options
  const { id: appId } = await createApp(
    services,
    { kind: 'system', name: 'bench' },
    {
      name: 'bench',
      origins: [],
      operators: [],
      idempotencyKey: randomUUID(),
    },
  )
  const assetId = await insertPayable(services, appId, payers)

  const with_ = (flaw: Recipient['flaw']) => recipients.filter((one) => one.flaw === flaw).map(({ address }) => address)
  const listed = payers.filter(({ flaw }) => flaw === 'wallet listed').map(({ walletId }) => `wallet:${walletId}`)
  await fill(services, appId, { name: 'OFAC', kind: 'sanctions', count: entries * 0.5, subjects: with_('sanctioned') })
  await fill(services, appId, {
    name: 'fraud',
    kind: 'deny',
    count: entries * 0.3,
    subjects: [...with_('denied'), ...listed],
  })
  await fill(services, appId, {
    name: 'customers',
    kind: 'allow',
    count: entries * 0.2,
    subjects: payers.map(({ address }) => address),
  })
  await putInForce(services, appId, policyOfBench(assetId))
  await countPayments(services, { appId, assetId }, payers)
  return { appId, assetId }
}

/** An asset and the wallets. They are written past the service, without a trail: a check reads none. */
async function insertPayable({ db, clock }: Services, appId: string, payers: readonly Payer[]): Promise<string> {
  const [assetId, created_at] = [randomUUID(), clock.now()]
  const untold = { version: 1n, audit_head: Buffer.alloc(32), created_at }
  await db
    .insertInto('asset')
    .values({ id: assetId, chain_id: 1n, address: addressOf('asset'), symbol: 'USDC', decimals: 6, ...untold })
    .execute()
  for (const some of lotsOf(payers))
    await db
      .insertInto('wallet')
      .values(
        some.map(({ walletId, address }) => ({
          ...{ id: walletId, app_id: appId, kind: 'custodial' as const, provider: 'crossmint' as const },
          ...{ address, owner: walletId, user_id: null, ...untold },
        })),
      )
      .execute()
  return assetId
}

/** Imports and publishes a list: these subjects among as many as are wanted. */
async function fill(
  services: Services,
  appId: string,
  list: { name: string; kind: ListKind; count: number; subjects: readonly string[] },
): Promise<void> {
  const { name, kind, count, subjects } = list
  const by = serverOf(appId)
  const others = Math.max(0, Math.round(count) - subjects.length)
  async function* rows(): AsyncGenerator<FileRow> {
    const row = { reason: 'named in a file', source: null, validFrom: null, validUntil: null }
    let line = 0
    for (const subject of subjects) yield { line: ++line, subject, ...row }
    for (let index = 0; index < others; index++) yield { line: ++line, subject: addressOf(`${name} ${index}`), ...row }
  }
  const file = { appId, list: name, kind, rows: rows(), source: 'bench', reason: null, skipBadRows: false }
  const { preview } = await importFile(services, by, file)
  if (!preview?.hash) throw new Error(`The list "${name}" could not be imported`)
  const { id: importId, hash, ...counts } = preview
  const { added, removed, changed, unchanged } = counts
  const action = {
    ...{ type: 'list.publish' as const, list: name, importId, hash },
    ...{ added: added!, removed: removed!, changed: changed!, unchanged: unchanged! },
  }
  await transaction(services.db, (trx) =>
    publishAsApproved(trx, services, by, { approvalId: randomUUID(), appId, action }),
  )
}

/** Has every meter of the policy count what was paid before, over all of its window, as the service would have written it. */
async function countPayments({ db, clock }: Services, { appId, assetId }: ListedApp, payers: readonly Payer[]) {
  const now = clock.now()
  const meters = payers.flatMap(({ walletId, address, flaw }) => {
    const question: Question = {
      ...{ action: 'payment', parties: { payer: address, recipient: address }, walletId, userId: null },
      ...{ assetId, amount: 1n, at: now },
    }
    return policyOfBench(assetId).flatMap((rule) => {
      const meter = meterOf(rule, question)
      if (!meter) return []
      const isFull = flaw === 'limit reached' && rule.rule === 'limit' && rule.per === 'wallet'
      return [{ key: meter.key, buckets: bucketsOf(meter.windowSeconds, now, isFull ? WALLET_COUNT : 0) }]
    })
  })
  const rows = [...new Map(meters.map((meter) => [meter.key, meter.buckets]))]
  for (const some of lotsOf(rows))
    await db
      .insertInto('meter')
      .values(some.map(([key, buckets]) => ({ app_id: appId, key, version: 12n, buckets: JSON.stringify(buckets) })))
      .execute()
}

/** A payment in each part of the window, and so many more of late. */
function bucketsOf(windowSeconds: number, now: Date, more: number): Buckets {
  let buckets: Buckets = []
  for (let slot = 11; slot >= 0; slot--) {
    const at = new Date(now.getTime() - (slot * windowSeconds * 1000) / 12)
    buckets = withPayment(buckets, windowSeconds, at, 1_000n)
  }
  for (let count = 0; count < more; count++) buckets = withPayment(buckets, windowSeconds, now, 1_000n)
  return buckets
}

function* lotsOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += 1_000) yield all.slice(at, at + 1_000)
}
