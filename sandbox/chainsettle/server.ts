import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Control } from './control-endpoints.ts'
import { type Endpoint, endpoints } from './endpoints.ts'
import type { FaultMode } from './faults.ts'
import { Refusal } from './refusal.ts'
import type { Simulator } from './simulator.ts'

interface Answer {
  status: number
  body: unknown
}

/** What reaches the caller: an answer, half of one, or a cut connection. */
type Outcome = ({ kind: 'answer' | 'half'; html?: boolean } & Answer) | { kind: 'cut' }

const page = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>'

/** Chainsettle's interface, and the controls of the simulator below `/_sim`. */
export function createChainsettleServer(simulator: Simulator, control: Control): Server {
  async function serve(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams) {
    const method = request.method ?? 'GET'
    const found = match(method, path)
    const body = parse(await readBody(request))
    const fault = found ? simulator.faults.take(found.endpoint.name) : null
    const answer = neverDone(fault?.mode)
      ? null
      : await answerOf(() => {
          if (!found) throw new Refusal(404, `Cannot ${method} ${path}`)
          return found.endpoint.handle(simulator, { id: found.id, query, body })
        })
    const outcome = outcomeOf(answer, fault?.mode)
    if (fault?.mode === 'hang' || fault?.mode === 'slow') await pause(response, fault.delay)
    simulator.journal.write({
      type: 'exchange',
      endpoint: found?.endpoint.name ?? null,
      method,
      path: query.size > 0 ? `${path}?${query}` : path,
      requestBody: body ?? null,
      status: outcome.kind === 'answer' ? outcome.status : null,
      responseBody: outcome.kind === 'answer' ? outcome.body : null,
      fault: fault?.mode ?? null,
    })
    send(response, outcome)
  }

  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://chainsettle')
    const served = pathname.startsWith('/_sim/')
      ? readBody(request)
          .then((text) => answerOf(() => control(request.method ?? 'GET', pathname, searchParams, parse(text))))
          .then((answer) => send(response, { kind: 'answer', ...answer }))
      : serve(request, response, pathname, searchParams)
    served.catch(() => response.destroy())
  })
}

/** What is sent of an answer; null for one that was never worked out. */
function outcomeOf(answer: Answer | null, mode: FaultMode | undefined): Outcome {
  const { status, body } = answer ?? { status: 500, body: { error: 'Internal server error' } }
  switch (mode) {
    case 'down':
    case 'hang':
    case 'lost-answer':
      return { kind: 'cut' }
    case 'error':
      return { kind: 'answer', status: 500, body: { error: 'Internal server error' } }
    case 'rate-limited':
      return { kind: 'answer', status: 429, body: { error: 'Too many requests' } }
    case 'bad-gateway':
      return { kind: 'answer', status: 502, body: page, html: true }
    case 'garbage':
      return { kind: 'answer', status: 200, body: page, html: true }
    case 'truncated':
      return { kind: 'half', status, body }
    case 'unknown-status':
      return { kind: 'answer', status, body: { ...(body as object), status_enum: 9 } }
    default:
      return { kind: 'answer', status, body }
  }
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind === 'cut') response.socket?.destroy()
  else if (outcome.kind === 'half') {
    const text = JSON.stringify(outcome.body)
    response.writeHead(outcome.status, { 'content-type': 'application/json', 'content-length': text.length })
    response.write(text.slice(0, text.length / 2), () => response.socket?.destroy())
  } else if (outcome.html) response.writeHead(outcome.status, { 'content-type': 'text/html' }).end(outcome.body)
  else
    response.writeHead(outcome.status, { 'content-type': 'application/json' }).end(JSON.stringify(outcome.body ?? null))
}

/** Faults of which the interface itself never hears. */
function neverDone(mode: FaultMode | undefined): boolean {
  return mode !== undefined && ['down', 'hang', 'error', 'bad-gateway', 'garbage', 'rate-limited'].includes(mode)
}

/** Ends earlier when the caller hangs up. */
function pause(response: ServerResponse, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    timer.unref()
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

async function answerOf(work: () => unknown): Promise<Answer> {
  try {
    return { status: 200, body: await work() }
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message } }
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } }
  }
}

function match(method: string, path: string): { endpoint: Endpoint; id: string } | null {
  for (const endpoint of endpoints) {
    if (endpoint.method !== method) continue
    if (endpoint.path === path && !path.endsWith('/')) return { endpoint, id: '' }
    if (endpoint.path.endsWith('/') && path.startsWith(endpoint.path))
      return { endpoint, id: path.slice(endpoint.path.length) }
  }
  return null
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
