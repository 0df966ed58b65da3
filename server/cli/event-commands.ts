import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Kysely } from 'kysely'
import * as z from 'zod'
import { connect } from '../../db/connect.ts'
import type { Database } from '../../db/schema.ts'
import type { EventType, ServiceEvent } from '../contract/events.ts'
import { newSigningSecret, signWebhook } from '../domain/deliveries/sign-webhook.ts'
import { webhookOf } from '../domain/deliveries/webhook-of.ts'
import { feedEnds, readFeed } from '../domain/events/read-feed.ts'
import { sampleOf } from '../domain/events/samples.ts'
import { typesNamed } from '../domain/events/types.ts'
import { momentOf, parse } from './audit-commands.ts'
import { required, UsageError } from './usage-error.ts'

export const eventUsage = `  events listen [--app ID] [--types TYPE,…] [--from POSITION] [--json] [--forward URL [--secret whsec_…]]
                               print events as they come, or from a position of an app's feed on; --forward sends
                               each to a URL as the signed webhook that it is, see docs/events.md
  events replay --app ID [--from POSITION|TIME] [--to POSITION|TIME] [--object ID] [--types TYPE,…]
                [--json] [--forward URL [--secret whsec_…]]
                               print, or send, events of a feed again
  events trigger TYPE [--forward URL [--secret whsec_…]]
                               make up an event of a type, to try a receiver with; nothing is written`

const output = {
  json: { type: 'boolean' },
  forward: { type: 'string' },
  secret: { type: 'string' },
} as const

/** Milliseconds between two looks for new events. */
const LOOK = 100

export const eventCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'events listen'(args) {
    const options = { app: { type: 'string' }, types: { type: 'string' }, from: { type: 'string' }, ...output } as const
    const { values } = parse(() => parseArgs({ args, options }))
    const appId = appOf(values.app)
    if (values.from !== undefined && !appId)
      throw new UsageError('--from is a position in the feed of one app: give --app')
    const from = positionOf('--from', values.from)
    const types = typesOf(values.types)
    const tell = tellerOf(values)
    const over = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort())

    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const { db } = connection
    const seen = from === null ? await feedEnds(db, appId) : new Map([[appId!, from - 1n]])
    console.error('listening; end it with Ctrl-C')
    while (!over.signal.aborted) {
      for await (const event of newSince(db, appId, types, seen)) {
        if (over.signal.aborted) break
        await tell(event)
      }
      await wait(LOOK, null, { signal: over.signal }).catch(() => {})
    }
    return 0
  },

  async 'events replay'(args) {
    const options = {
      app: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      object: { type: 'string' },
      types: { type: 'string' },
      ...output,
    } as const
    const { values } = parse(() => parseArgs({ args, options }))
    const appId = appOf(values.app)
    if (!appId) throw new UsageError('events replay needs --app, the id of an app')
    if (values.object !== undefined && !isId(values.object)) throw new UsageError('--object is the id of an object')
    const range = {
      appId,
      objectId: values.object?.toLowerCase() ?? null,
      types: typesOf(values.types),
      ...(isPosition(values.from)
        ? { fromPosition: positionOf('--from', values.from) }
        : { from: momentOf('--from', values.from) }),
      ...(isPosition(values.to) ? { toPosition: positionOf('--to', values.to) } : { to: momentOf('--to', values.to) }),
    }
    const tell = tellerOf(values)
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    let [count, failed] = [0, 0]
    for await (const event of readFeed(connection.db, range)) {
      count++
      if (!(await tell(event))) failed++
    }
    console.error(`${count} events${values.forward === undefined ? '' : `, ${failed} of them not taken`}`)
    return failed === 0 ? 0 : 1
  },

  async 'events trigger'(args) {
    const { values, positionals } = parse(() => parseArgs({ args, options: output, allowPositionals: true }))
    const [type, ...more] = positionals
    if (!type || more.length > 0 || type.includes('*') || typesNamed([type]).size === 0)
      throw new UsageError(
        'events trigger needs the type of an event, such as payment.settled; docs/events.md has them',
      )
    const tell = tellerOf({ ...values, json: values.forward === undefined || values.json === true })
    return (await tell(sampleOf(type as EventType, new Date()))) ? 0 : 1
  },
}

/** What feeds have behind the places that were seen, which move on with it. A feed that was not there before is read from its beginning. */
async function* newSince(
  db: Kysely<Database>,
  appId: string | null,
  types: ReadonlySet<string> | null,
  seen: Map<string, bigint>,
): AsyncGenerator<ServiceEvent> {
  for (const [app, last] of await feedEnds(db, appId)) {
    const from = seen.get(app) ?? 0n
    if (last <= from) continue
    yield* readFeed(db, { appId: app, types, fromPosition: from + 1n, toPosition: last })
    seen.set(app, last)
  }
}

interface Output {
  json?: boolean | undefined
  forward?: string | undefined
  secret?: string | undefined
}

/** How an event is told: printed, and sent if there is where to. False: it was not taken there. @throws UsageError */
function tellerOf({ json, forward, secret: given }: Output): (event: ServiceEvent) => Promise<boolean> {
  const print = (event: ServiceEvent) => console.log(json ? webhookOf(event) : lineOf(event))
  if (forward === undefined) {
    if (given !== undefined) throw new UsageError('--secret is for what --forward sends')
    return async (event) => {
      print(event)
      return true
    }
  }
  if (!URL.canParse(forward) || !/^https?:$/.test(new URL(forward).protocol))
    throw new UsageError('--forward is a URL such as http://localhost:3000/webhooks')
  if (given !== undefined && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(given))
    throw new UsageError('--secret is whsec_ and at least 24 bytes in base64')
  const secret = given ?? newSigningSecret()
  if (given === undefined) console.error(`webhooks are signed with ${secret}`)
  return async (event) => {
    print(event)
    const answer = await send(forward, secret, event)
    console.error(`  ${event.type} ${event.id}: ${answer.said}`)
    return answer.taken
  }
}

const lineOf = ({ createdAt, appId, position, type, objectId, sequence }: ServiceEvent): string =>
  `${createdAt.toISOString()}  ${appId}  ${position}  ${type}  ${objectId} #${sequence}`

/** Sends an event once, as the webhook that it is. */
async function send(url: string, secret: string, event: ServiceEvent): Promise<{ taken: boolean; said: string }> {
  const [timestamp, body] = [Math.floor(Date.now() / 1000), webhookOf(event)]
  const headers = {
    'content-type': 'application/json',
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook([secret], { id: event.id, timestamp, body }),
  }
  try {
    const signal = AbortSignal.timeout(15_000)
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await answer.body?.cancel()
    return { taken: answer.ok, said: `answered ${answer.status}` }
  } catch (error) {
    const { cause, message } = error as Error
    return { taken: false, said: `not sent: ${cause instanceof Error ? cause.message : message}` }
  }
}

const isId = (text: string): boolean => z.uuid().safeParse(text).success

/** @throws UsageError */
function appOf(text: string | undefined): string | null {
  if (text !== undefined && !isId(text)) throw new UsageError('--app is the id of an app')
  return text?.toLowerCase() ?? null
}

/** @throws UsageError */
function typesOf(text: string | undefined): ReadonlySet<string> | null {
  if (text === undefined) return null
  const names = text.split(',')
  const unknown = names.find((name) => typesNamed([name]).size === 0)
  if (unknown !== undefined)
    throw new UsageError(`"${unknown}" is no type of event, such as payment.settled or payment.*`)
  return typesNamed(names)
}

const isPosition = (text: string | undefined): boolean => text !== undefined && /^\d{1,15}$/.test(text)

/** The position that an option names; null without it. @throws UsageError */
function positionOf(option: string, text: string | undefined): bigint | null {
  if (text === undefined) return null
  if (!isPosition(text) || text === '0') throw new UsageError(`${option} is a position in the feed: 1, 2, 3 …`)
  return BigInt(text)
}
