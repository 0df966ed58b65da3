import { connect } from 'node:net'
import { type Client, createClient } from '../../../client-sdk/index.ts'
import { usageOf } from '../load/usage.ts'
import { inTurns, PAGE, type Setting, startSetting } from '../setting.ts'
import { quantile } from '../statistics.ts'
import { definePart } from './part.ts'

/** As many as the API keys of an app may have open. */
const STREAMS_PER_APP = 200

export const streams = definePart({
  options: {
    streams: { says: 'streams of events that are open at once', byDefault: 2_000 },
    streamEvents: { says: 'events a second that are told on them, each on all streams of its app', byDefault: 20 },
    streamSeconds: { says: 'seconds of that', byDefault: 30 },
  },
  figures: {
    streamMemory: { says: 'memory of the service at most, while events go over all streams', unit: 'MB', atMost: 400 },
    streamMemoryBefore: { says: 'memory of the service without streams', unit: 'MB' },
    streamRate: { says: 'events told on all streams together', unit: '/s' },
    streamP50: { says: 'half are received after they happened within', unit: 'ms' },
    streamP99: { says: '99 of 100 are received within', unit: 'ms' },
    streamCpu: { says: "the service's processor time for each that is told", unit: 'ms' },
    streamLost: { says: 'events that a stream left out, doubled or put out of order', unit: '', atMost: 0 },
  },

  async run({ options, say }) {
    await using stack = new AsyncDisposableStack()
    const setting = stack.use(await startSetting({ wallets: 0, paywalls: 0 }))
    const { serviceUrl } = setting.sandbox
    const count = options.streams!
    const { items: assets } = await setting.client.assets.list.query({})
    const paywall = { assetId: assets[0]!.id, price: 1n, recipient: `0x${'be'.repeat(20)}` }
    const apps = await inTurns(Math.ceil(count / STREAMS_PER_APP), 4, (index) => newApp(setting, index))
    const before = await usageOf(serviceUrl)
    const open = await inTurns(count, 50, async (index) => {
      const app = apps[index % apps.length]!
      return { app, stream: stack.use(await openStream(serviceUrl, app.apiKey)) }
    })
    const idle = await usageOf(serviceUrl)
    say(
      `Streams: ${count} of ${apps.length} apps; ${mb(before.memory)} MB before, ${mb(idle.memory)} MB with them open.`,
    )

    let memory = idle.memory
    const watching = setInterval(() => {
      void usageOf(serviceUrl).then((usage) => {
        memory = Math.max(memory, usage.memory)
      })
    }, 1_000)
    stack.defer(() => clearInterval(watching))
    const began = performance.now()
    await pace(options.streamEvents!, options.streamSeconds!, (index) => {
      const app = apps[index % apps.length]!
      app.written++
      return app.client.paywalls.create.mutate({
        ...paywall,
        title: `Paywall ${index}`,
        idempotencyKey: crypto.randomUUID(),
      })
    })
    const seconds = (performance.now() - began) / 1000
    const expected = open.reduce((sum, { app }) => sum + app.written, 0)
    const told = () => open.reduce((sum, { stream }) => sum + stream.positions.length, 0)
    for (const deadline = Date.now() + 10_000; told() < expected && Date.now() < deadline; ) await pause(50)
    const after = await usageOf(serviceUrl)

    const delays = open.flatMap(({ stream }) => stream.delays)
    return {
      streamMemory: mb(Math.max(memory, after.memory)),
      streamMemoryBefore: mb(before.memory),
      streamRate: told() / seconds,
      streamP50: quantile(delays, 0.5),
      streamP99: quantile(delays, 0.99),
      streamCpu: ((after.cpu - idle.cpu) * 1000) / told(),
      streamLost: open.reduce((sum, { app, stream }) => sum + wrongIn(stream.positions, app.written), 0),
    }
  },
})

interface App {
  apiKey: string
  client: Client
  /** Events that were written since its streams are open. */
  written: number
}

async function newApp({ sandbox }: Setting, index: number): Promise<App> {
  const { serviceUrl: url, operatorKey } = sandbox
  const operator = createClient({ url, apiKey: operatorKey })
  const wish = { name: `bench ${index}`, idempotencyKey: crypto.randomUUID() }
  const { id: appId } = await operator.apps.create.mutate({ ...wish, origins: [PAGE] })
  const { secret } = await operator.apiKeys.create.mutate({ ...wish, appId })
  return { apiKey: secret!, client: createClient({ url, apiKey: secret! }), written: 0 }
}

interface OpenStream extends Disposable {
  /** Of the events that came, in order. */
  positions: number[]
  /** Milliseconds from what happened to its coming. */
  delays: number[]
}

/** Opens a stream on a socket of its own and reads of it what is measured. */
async function openStream(serviceUrl: string, apiKey: string): Promise<OpenStream> {
  const { port, host } = new URL(serviceUrl)
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  const stream = { positions: [] as number[], delays: [] as number[], [Symbol.dispose]: () => void socket.destroy() }
  const begun = Promise.withResolvers<void>()
  begun.promise.catch(() => {}) // seen below
  let rest = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    const now = Date.now()
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (line === 'event: connected') begun.resolve()
      const told = /^data: .*"position":"(\d+)".*"createdAt":"([^"]+)"/.exec(line)
      if (!told) continue
      stream.positions.push(Number(told[1]))
      stream.delays.push(now - Date.parse(told[2]!))
    }
  })
  socket.on('error', begun.reject)
  socket.once('close', () => begun.reject(new Error(`The service closed a stream: ${rest}`)))
  socket.write(`GET /trpc/events.on HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${apiKey}\r\n\r\n`)
  await begun.promise
  return stream
}

/** Does something so many times a second for so many seconds, however long each takes. */
async function pace(rate: number, seconds: number, work: (index: number) => Promise<unknown>): Promise<void> {
  const began = performance.now()
  const all: Promise<unknown>[] = []
  for (let index = 0; index < rate * seconds; index++) {
    await pause(began + (index * 1000) / rate - performance.now())
    all.push(work(index))
  }
  await Promise.all(all)
}

/** How many of the places, which follow each other, are missing, come twice or out of turn. */
function wrongIn(positions: readonly number[], written: number): number {
  const gaps = positions.filter((position, index) => index > 0 && position !== positions[index - 1]! + 1).length
  return gaps + Math.abs(written - positions.length)
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))

const mb = (bytes: number) => Math.round(bytes / 1e6)
