import type { AddressInfo } from 'node:net'
import express, { raw } from 'express'
import pg from 'pg'

// The floor: what a webhook costs when nothing but Express and its row are left. No signature is checked, nothing is looked for in the
// body; but a commit of the same isolation. Express and pg as their manuals show them.

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_CONNECTIONS),
  options: '-c default_transaction_isolation=serializable',
})

const store = `
  insert into floor.webhook_inbox (provider, event_id, type, body, state, shard, next_attempt_at, attempts, received_at)
  values ($1, $2, $3, $4, 'received', $5, $6, 0, $6)`

const app = express()
app.post('/', raw({ type: () => true, limit: 256 * 1024 }), async (request, response) => {
  const id = request.get('svix-id')!
  const shard = id.charCodeAt(id.length - 1) % 8
  await pool.query(store, ['crossmint', id, 'wallets.transfer.out', request.body, shard, new Date()])
  response.status(200).json({ stored: true })
})

const server = app.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!({ cpu: (user + system) / 1e6, memory: process.memoryUsage.rss(), retries: 0 })
})
process.on('disconnect', () => process.exit())
