import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { quantile } from '../statistics.ts'

// The load generator: a process of its own that speaks HTTP over plain sockets, so that it takes as little as it can of the machine
// that is measured. Every connection asks, waits for the whole answer and asks again.

/** One call of a round. */
export interface Call {
  /** Beside those of the round. */
  headers?: Record<string, string>
  /** JSON, in which `{key}` is replaced by a text never used before. A call without one is a GET. */
  body?: string
}

/** A round of load. */
export interface Round {
  port: number
  path: string
  headers: Record<string, string>
  calls: Call[]
  /** What an answer that counts contains. */
  expected: string
  connections: number
  /** For so long, calls are chosen by chance; null: each is made once, in order. */
  seconds: number | null
  /** Whether the answers come back. */
  keep?: boolean
}

/** What a round of load saw. Every request was answered or is an error. */
export interface RoundResult {
  /** Answers that count. */
  accepted: number
  /** Other answers, and connections that broke. */
  errors: number
  /** One of them. */
  anError: string | null
  /** Accepted answers a second. */
  rate: number
  /** Milliseconds from the first byte asked to the last byte answered. */
  p50: number
  p99: number
  /** The bodies of the answers that count, as they came; empty unless they were to be kept. */
  answers: string[]
}

interface Answer {
  status: number
  body: string
}

async function play(round: Round): Promise<RoundResult> {
  const { port, expected, connections, seconds, keep } = round
  const requests = round.calls.map((call) => requestOf(round, call))
  const run = randomBytes(6).toString('hex')
  const latencies: number[] = []
  const errors: string[] = []
  const answers: string[] = []
  let [asked, keys] = [0, 0]
  const began = performance.now()
  const end = began + (seconds ?? 0) * 1000
  const next = () => {
    if (seconds === null) return requests[asked++]
    return performance.now() < end ? requests[Math.floor(Math.random() * requests.length)] : undefined
  }

  async function keepAsking(): Promise<void> {
    const ask = await open(port)
    for (let request = next(); request; request = next()) {
      const text = request(`${run}-${++keys}`)
      const sent = performance.now()
      const answer = await ask(text)
      if (answer.status === 200 && answer.body.includes(expected)) {
        latencies.push(performance.now() - sent)
        if (keep) answers.push(answer.body)
      } else errors.push(`${answer.status} ${answer.body.slice(0, 500)}`)
    }
    ask.close()
  }
  const ended = await Promise.allSettled(Array.from({ length: connections }, keepAsking))
  for (const one of ended) if (one.status === 'rejected') errors.push(String(one.reason))
  const elapsed = (performance.now() - began) / 1000
  return {
    accepted: latencies.length,
    errors: errors.length,
    anError: errors[0] ?? null,
    rate: latencies.length / elapsed,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    answers,
  }
}

/** Everything of a request that can be written beforehand is. */
function requestOf({ path, headers }: Round, call: Call): (key: string) => string {
  const lines = [
    'host: 127.0.0.1',
    ...Object.entries({ ...headers, ...call.headers }).map((header) => header.join(': ')),
  ]
  const { body } = call
  if (body === undefined) {
    const request = [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
    return () => request
  }
  const head = [`POST ${path} HTTP/1.1`, 'content-type: application/json', ...lines, 'content-length: '].join('\r\n')
  return (key) => {
    const text = body.replace('{key}', key)
    return `${head}${Buffer.byteLength(text)}\r\n\r\n${text}`
  }
}

interface Ask {
  (request: string): Promise<Answer>
  close(): void
}

function open(port: number): Promise<Ask> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    let received = ''
    let waiting: PromiseWithResolvers<Answer> | null = null
    const broke = (error: Error) => {
      reject(error)
      waiting?.reject(error)
    }
    socket.once('error', broke)
    socket.once('close', () => broke(new Error('the connection was closed')))
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const answer = readAnswer(received)
      if (!answer || !waiting) return
      received = ''
      waiting.resolve(answer)
    })
    const ask = (request: string) => {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    }
    const close = () => {
      socket.removeAllListeners('close')
      socket.end()
    }
    socket.once('connect', () => resolve(Object.assign(ask, { close })))
  })
}

/** The answer when all of it is there, with a length or in chunks. */
function readAnswer(text: string): Answer | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const status = Number(text.slice(9, 12))
  const start = headEnd + 4
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, start))
  if (length) {
    const end = start + Number(length[1])
    return text.length >= end ? { status, body: text.slice(start, end) } : null
  }
  return text.endsWith('\r\n0\r\n\r\n') || text.endsWith('\n\r\n0\r\n\r\n') ? { status, body: text.slice(start) } : null
}

process.on('message', async (round: Round) => process.send!(await play(round)))
process.on('disconnect', () => process.exit())
