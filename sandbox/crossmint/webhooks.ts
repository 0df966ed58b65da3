import { createHmac } from 'node:crypto'
import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import type { WebhookEndpoint } from './options.ts'
import type { Message, Transfer } from './records.ts'
import type { Store } from './store.ts'

export type Webhooks = ReturnType<typeof createWebhooks>

/** Svix's schedule: milliseconds before each attempt. */
const schedule = [0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000]
const answerWithin = 15_000
const tooOld = 400 // seconds; receivers accept 300

/** Sends events as Svix does: signed, at least once, in no particular order, again until a 2xx answers. */
export function createWebhooks({
  store,
  journal,
  faults,
  timeScale,
}: {
  store: Store
  journal: Journal
  faults: Faults
  timeScale: number
}) {
  let endpoint: WebhookEndpoint | null = null
  const timers = new Set<NodeJS.Timeout>()
  const sending = new Set<Promise<void>>()
  const behindNext: (() => void)[] = []
  const stopping = new AbortController()

  function later(delay: number, action: () => void) {
    if (stopping.signal.aborted) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      action()
    }, delay)
    timers.add(timer)
  }

  function start(message: Message) {
    const facts = { text: () => message.body }
    const lost = faults.take('webhook', facts, ['loss'])
    if (lost) {
      message.state = 'lost'
      store.save('message', message)
      return
    }
    const reorder = faults.take('webhook', facts, ['reorder'])
    if (reorder) {
      let done = false
      const go = () => {
        if (!done) attempt(message)
        done = true
      }
      behindNext.push(go)
      later(reorder.delay, go) // no later one came
      return
    }
    const held = behindNext.splice(0)
    const delayed = faults.take('webhook', facts, ['delay'])
    later(delayed?.delay ?? Math.max(0, message.nextAt - Date.now()), () => attempt(message, held))
    if (faults.take('webhook', facts, ['duplicate'])) later(0, () => attempt(message))
  }

  function attempt(message: Message, held: (() => void)[] = []) {
    const sent = deliver(message).finally(() => {
      sending.delete(sent)
      for (const go of held) go()
    })
    sending.add(sent)
  }

  async function deliver(message: Message): Promise<void> {
    if (!endpoint || stopping.signal.aborted) return
    const { url, secret } = endpoint
    const facts = { text: () => message.body }
    const old = faults.take('webhook', facts, ['old-timestamp'])
    const wrong = faults.take('webhook', facts, ['wrong-signature'])
    const timestamp = Math.floor(Date.now() / 1000) - (old ? tooOld : 0)
    const secrets = wrong ? [`whsec_${Buffer.from('somebody else').toString('base64')}`] : [secret].flat()
    let status: number | null = null
    let error: string | null = null
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'svix-id': message.id,
          'svix-timestamp': String(timestamp),
          'svix-signature': secrets.map((each) => sign(each, message.id, timestamp, message.body)).join(' '),
        },
        body: message.body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(answerWithin), stopping.signal]),
      })
      status = response.status
      await response.arrayBuffer()
    } catch (cause) {
      if (stopping.signal.aborted) return // the next run delivers it
      error = cause instanceof Error ? cause.message : String(cause)
    }
    journal.write({
      type: 'webhook',
      id: message.id,
      event: message.type,
      url,
      attempt: message.attempts + 1,
      status,
      error,
      faults: [...(old ? ['old-timestamp'] : []), ...(wrong ? ['wrong-signature'] : [])],
    })
    settle(message, status !== null && status >= 200 && status < 300)
  }

  function settle(message: Message, delivered: boolean) {
    message.attempts += 1
    if (message.state === 'delivered') return
    const wait = schedule[message.attempts]
    if (delivered) message.state = 'delivered'
    else if (wait === undefined) message.state = 'failed'
    else {
      message.nextAt = Date.now() + wait * timeScale
      later(wait * timeScale, () => attempt(message))
    }
    store.save('message', message)
  }

  return {
    /** Where events go from now on; null for nowhere. */
    setEndpoint(next: WebhookEndpoint | null) {
      endpoint = next
    },

    send(transfer: Transfer) {
      if (!endpoint || (endpoint.projectId !== undefined && endpoint.projectId !== transfer.projectId)) return
      const message: Message = {
        id: `msg_${transfer.id}`,
        projectId: transfer.projectId,
        type: transfer.type,
        body: JSON.stringify({ id: transfer.id, type: transfer.type, data: transfer.data }),
        state: 'waiting',
        attempts: 0,
        nextAt: Date.now(),
      }
      store.save('message', message)
      start(message)
    },

    /** Delivers a message once more, with its id, as the console's button does. */
    resend(message: Message) {
      attempt(message)
    },

    /** Goes on with what a former run did not deliver. */
    resume() {
      for (const message of store.maps.message.values()) {
        if (message.state !== 'waiting') continue
        later(Math.max(0, message.nextAt - Date.now()), () => attempt(message))
      }
    },

    async stop() {
      stopping.abort()
      for (const timer of timers) clearTimeout(timer)
      await Promise.allSettled(sending)
    },
  }
}

function sign(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
