import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Control } from './control-endpoints.ts'
import type { Answer } from './endpoints.ts'
import { Refusal, refuse } from './errors.ts'
import type { FaultFacts } from './faults.ts'
import { createOnce, creationOf } from './idempotency.ts'
import { type ApiKey, allScopes } from './options.ts'
import type { RateLimiter } from './rate-limit.ts'
import { type Match, match } from './routing.ts'
import type { Simulator } from './simulator.ts'
import { disguise, disturbAfter, disturbBefore, type Outcome } from './wire-faults.ts'

const largestBody = 1_000_000

interface ServerParts {
  simulator: Simulator
  apiKeys: readonly ApiKey[]
  limiter: RateLimiter
  control: Control
}

/** Crossmint's interface below `/api`, and the controls of the simulator below `/_sim`. */
export function createCrossmintServer({ simulator, apiKeys, limiter, control }: ServerParts): Server {
  const keys = new Map(apiKeys.map((each) => [each.key, each]))
  const once = createOnce(simulator)
  const { faults, journal } = simulator

  /** Who calls, and may they. @throws Refusal 401, 403 */
  function authenticate(request: IncomingMessage, { endpoint }: Match): ApiKey {
    const given = request.headers['x-api-key']
    if (!given) throw refuse(401, 'Missing API key')
    const key = keys.get(String(given))
    if (!key) throw refuse(401, 'Invalid API key')
    if (!(key.scopes ?? allScopes).includes(endpoint.scope)) {
      throw refuse(403, `This API key lacks the scope '${endpoint.scope}'`)
    }
    return key
  }

  /** @throws Refusal 429 */
  function limit(projectId: string, method: string) {
    const wait = limiter.take(projectId, method === 'GET' ? 'reads' : 'writes')
    if (wait === null) return
    const headers = simulator.behaviour.retryAfter ? { 'retry-after': String(Math.ceil(wait / 1000)) } : undefined
    throw new Refusal(429, { error: true, message: 'Too many requests' }, headers)
  }

  async function serveApi(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams) {
    const started = performance.now()
    const method = request.method ?? 'GET'
    const found = match(method, path)
    const given = await readBody(request)
    const text = given ?? ''
    const idempotencyKey = header(request, 'x-idempotency-key')
    const body = parse(text)
    const facts: FaultFacts = {
      endpoint: found?.endpoint.name ?? null,
      wallet: found?.params.walletLocator ?? null,
      transactionId: found?.params.transactionId ?? null,
      idempotencyKey,
      path,
      text: () => text,
    }
    const modes: string[] = []
    let projectId: string | null = null

    async function work(): Promise<Outcome> {
      if (!found) throw refuse(404, `Cannot ${method} /api${path}`)
      projectId = authenticate(request, found).projectId
      limit(projectId, method)
      const early = disturbBefore(faults, facts)
      if (early) {
        modes.push(early.mode)
        return early.outcome
      }
      if (given === null) throw refuse(413, 'The body is too large')
      if (text && body === undefined) throw refuse(400, 'The body is not JSON')
      const { endpoint, params } = found
      const creation = creationOf(endpoint.name, idempotencyKey, text)
      const answer: Answer = await endpoint.handle({ simulator, once, projectId, params, query, body, creation })
      const late = disturbAfter(faults, facts, answer)
      if (late) {
        modes.push(late.mode)
        return late.outcome
      }
      modes.push(...disguise(faults, facts, answer))
      return { kind: 'answer', ...answer }
    }

    const outcome = await work().catch(toOutcome)
    journal.write({
      type: 'exchange',
      endpoint: facts.endpoint ?? null,
      route: found?.endpoint.route ?? null,
      method,
      path: query.size > 0 ? `${path}?${query}` : path,
      idempotencyKey,
      projectId,
      requestBody: body ?? (text || null),
      status: outcome.kind === 'answer' ? outcome.status : null,
      responseBody: outcome.kind === 'answer' ? outcome.body : null,
      outcome: outcome.kind === 'answer' ? 'answered' : outcome.kind === 'drop' ? 'dropped' : 'hung',
      faults: modes,
      milliseconds: Math.round(performance.now() - started),
    })
    send(response, outcome)
  }

  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://crossmint')
    const served = pathname.startsWith('/api/')
      ? serveApi(request, response, pathname.slice('/api'.length), searchParams)
      : readBody(request)
          .then((text) => control(request.method ?? 'GET', pathname, searchParams, parse(text ?? '')))
          .catch(toOutcome)
          .then((outcome) => send(response, outcome))
    served.catch(() => response.destroy())
  })
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind === 'drop') {
    response.socket?.destroy()
  } else if (outcome.kind === 'hang') {
    const timer = setTimeout(() => response.socket?.destroy(), outcome.delay)
    timer.unref()
    response.once('close', () => clearTimeout(timer))
  } else {
    const type = outcome.html ? 'text/html' : 'application/json; charset=utf-8'
    const text = outcome.html ?? JSON.stringify(outcome.body ?? null)
    response.writeHead(outcome.status, { ...outcome.headers, 'content-type': type }).end(text)
  }
}

function toOutcome(error: unknown): Outcome {
  if (error instanceof Refusal) {
    return { kind: 'answer', status: error.status, body: error.body, headers: error.headers }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'answer', status: 500, body: { error: true, message: `Internal server error: ${message}` } }
}

/** Null for a body that is too large: it is read to its end all the same, so that the caller hears the answer. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= largestBody) chunks.push(chunk)
  }
  return size <= largestBody ? Buffer.concat(chunks).toString('utf8') : null
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
