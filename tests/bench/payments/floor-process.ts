import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

// The floor: what a payment costs when nothing but HTTP and its four rows are left. No key, no check, no validation, no queue;
// but a commit of the same isolation, for the service promises that to each payment too. pg as its manual shows it.

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_CONNECTIONS),
  options: '-c default_transaction_isolation=serializable',
})

const accept = `
  with decided as (
    insert into floor.decision (id, app_id, action, outcome, subject, checks, list_version, created_at)
    values ($1, $2, 'payment', 'allow', $3, $4, 0, $5)
  ), paid as (
    insert into floor.payment (id, app_id, paywall_id, wallet_id, asset_id, transaction_id, decision_id, payer, recipient,
      amount, state, created_at, updated_at, version, audit_head)
    values ($6, $2, $7, $8, $9, $10, $1, $11, $12, $13, 'accepted', $5, $5, 1, $14)
  ), audited as (
    insert into floor.audit (stream, sequence, app_id, body, hash) values ($6, 1, $2, $15, $14)
  )
  insert into floor.event (object_id, sequence, object_type, app_id, type, data, created_at)
  values ($6, 1, 'payment', $2, 'payment.accepted', $16, $5)`

const appId = randomUUID()
const assetId = randomUUID()
const payer = `0x${'a1'.repeat(20)}`
const recipient = `0x${'b2'.repeat(20)}`
const subject = JSON.stringify({ payer, recipient })
const checks = JSON.stringify([
  { code: 'deny-list', outcome: 'allow', message: 'Neither the payer nor the recipient is on a deny list of the app.' },
])

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => {
    text += chunk
  })
  request.on('end', async () => {
    const { paywallId, walletId, amount } = JSON.parse(text)
    const [id, decisionId, transactionId] = [randomUUID(), randomUUID(), randomUUID()]
    const now = new Date().toISOString()
    const facts = {
      amount,
      asset: assetId,
      chain: 'eip155:43113',
      decision: decisionId,
      listVersion: '0',
      payer,
      paywall: paywallId,
      recipient,
      state: 'accepted',
      transaction: transactionId,
      wallet: walletId,
    }
    const data = JSON.stringify(facts)
    const body = Buffer.from(
      JSON.stringify({
        action: 'payment.accepted',
        actor: { kind: 'service', id: appId },
        app: appId,
        at: now,
        data: facts,
        object: id,
        previous: '0'.repeat(64),
        sequence: 1,
        type: 'payment',
        v: 1,
      }),
    )
    const hash = createHash('sha256').update(body).digest()
    try {
      await pool.query(accept, [
        ...[decisionId, appId, subject, checks, now, id, paywallId, walletId, assetId, transactionId],
        ...[payer, recipient, amount, hash, body, data],
      ])
      const answer = JSON.stringify({ id, paywallId, walletId, createdAt: now, updatedAt: now, ...facts })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      response.end(answer)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!({ cpu: (user + system) / 1e6, memory: process.memoryUsage.rss(), retries: 0 })
})
process.on('disconnect', () => process.exit())
