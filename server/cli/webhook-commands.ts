import { parseArgs } from 'node:util'
import * as z from 'zod'
import { connect } from '../../db/connect.ts'
import type { InboxWebhook } from '../contract/inbox.ts'
import { DomainError } from '../domain/domain-error.ts'
import { listInbox } from '../domain/webhooks/list-inbox.ts'
import { retryWebhook } from '../domain/webhooks/retry-webhook.ts'
import { inboxState, source } from '../schemas/inbox.ts'
import { parse } from './audit-commands.ts'
import { required, UsageError } from './usage-error.ts'

export const webhookUsage = `  webhooks inbox [--state STATE] [--source NAME] [--json]
                               the newest 100 webhooks that came in, or of those; STATE is received, processed, rejected or dead
  webhooks retry ID            have one that is dead or rejected looked into again; --all-dead for all that are dead`

/** As many as are shown, and as are retried at a time. */
const PAGE = 100

export const webhookCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'webhooks inbox'(args) {
    const options = {
      state: { type: 'string' },
      source: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const
    const { values } = parse(() => parseArgs({ args, options }))
    const state = inboxState.optional().safeParse(values.state)
    if (!state.success) throw new UsageError(`--state is one of ${inboxState.options.join(', ')}`)
    const from = source.optional().safeParse(values.source)
    if (!from.success) throw new UsageError('--source is the last part of the URL that webhooks are sent to')
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const { items, nextCursor } = await listInbox(connection, { state: state.data, source: from.data, limit: PAGE })
    for (const webhook of items) console.log(values.json ? JSON.stringify(webhook) : lineOf(webhook))
    if (nextCursor) console.error(`There are more than these ${PAGE}.`)
    return 0
  },

  async 'webhooks retry'(args) {
    const options = { 'all-dead': { type: 'boolean', default: false } } as const
    const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }))
    const all = values['all-dead']
    const id = z.uuid().safeParse(positionals[0])
    if (positionals.length !== (all ? 0 : 1) || !(all || id.success))
      throw new UsageError('webhooks retry needs one ID, see webhooks inbox, or --all-dead')
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const services = { db: connection.db, clock: { now: () => new Date() }, nudge: { inbox: () => {} } }
    if (id.success) {
      console.log(lineOf(await retryWebhook(services, commandLine, { webhookId: id.data.toLowerCase() })))
      return 0
    }
    console.log(`${await retryDead(services)} webhooks are looked into again`)
    return 0
  },
}

/** Who retries here. Whoever can start this with the database's URL is trusted with it. */
const commandLine = { kind: 'system', name: 'provider' } as const

async function retryDead(services: Parameters<typeof retryWebhook>[0]): Promise<number> {
  let retried = 0
  for (let cursor: string | null = null; ; ) {
    const page = await listInbox(services, { state: 'dead', cursor, limit: PAGE })
    for (const { id } of page.items)
      try {
        await retryWebhook(services, commandLine, { webhookId: id })
        retried++
      } catch (error) {
        // somebody else has had it retried meanwhile
        if (!(error instanceof DomainError && error.code === 'NOTHING_TO_CHANGE')) throw error
      }
    if (!page.nextCursor) return retried
    cursor = page.nextCursor
  }
}

function lineOf({ id, receivedAt, source, type, state, attempts, result, lastError, conflicts }: InboxWebhook): string {
  const tries = attempts === 1 ? '1 try' : `${attempts} tries`
  const failed = lastError ? `, failed with ${lastError}` : ''
  const others = conflicts > 0 ? `, ${conflicts} with another body` : ''
  const came = result ? `: ${result}` : ''
  return `${id}  ${receivedAt.toISOString()}  ${source}  ${type ?? '-'}  ${state}, ${tries}${failed}${others}${came}`
}
