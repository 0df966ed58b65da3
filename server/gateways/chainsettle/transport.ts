import type { z } from 'zod'
import { ChainsettleError, type ChainsettleReason } from './errors.ts'
import { failure } from './schemas.ts'

export interface Request<Schema extends z.ZodType> {
  operation: string
  method: 'GET' | 'POST'
  /** Below the base URL, its parts already encoded. */
  path: string
  body?: unknown
  answer: Schema
  signal?: AbortSignal | undefined
}

export interface Transport {
  /** @throws ChainsettleError */
  send<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.output<Schema>>
}

/** Longer answers are not read: the longest, with the ABIs of every registry, has less than a tenth of it. */
const maximumLength = 2 * 1024 * 1024

/** `timeout`: milliseconds for one request, connection and answer. Chainsettle takes no credentials. */
export function createTransport({ baseUrl, timeout }: { baseUrl: string; timeout: number }): Transport {
  const base = baseUrl.replace(/\/+$/, '')

  async function exchange({
    body,
    method,
    path,
    signal,
  }: Request<z.ZodType>): Promise<{ status: number; text: string }> {
    const inTime = AbortSignal.timeout(timeout)
    try {
      const response = await fetch(base + path, {
        method,
        headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, inTime]) : inTime,
      })
      return { status: response.status, text: await readText(response) }
    } catch (cause) {
      const reason: ChainsettleReason = signal?.aborted ? 'aborted' : inTime.aborted ? 'timeout' : 'unreachable'
      // whether it arrived cannot be told: fetch does not say if there was a connection
      throw new ChainsettleError(lostOutcome(method), reason, `Chainsettle's answer was lost: ${whyOf(cause)}`)
    }
  }

  return {
    async send(request) {
      const { status, text } = await exchange(request)
      const json = parseJson(text)
      if (status < 200 || status >= 300) throw errorOfAnswer(request.method, status, json)
      const parsed = request.answer.safeParse(json)
      if (parsed.success) return parsed.data
      const where = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`)
      throw new ChainsettleError(
        lostOutcome(request.method),
        'unreadable',
        `Chainsettle's answer to ${request.operation} is not what we know: ${where.slice(0, 5).join(', ')}`,
      )
    },
  }
}

function errorOfAnswer(method: Request<z.ZodType>['method'], status: number, json: unknown): ChainsettleError {
  const parsed = failure.safeParse(json)
  const said = parsed.success ? parsed.data.error.slice(0, 300) : null
  // only a body of its own shape is believed: the same status from a balancer in between says nothing about the request
  if (said && status === 404) return new ChainsettleError('refused', 'not_found', said)
  if (said && status >= 400 && status < 500 && status !== 429)
    return new ChainsettleError('refused', 'bad_request', said)
  return new ChainsettleError(lostOutcome(method), 'failing', said ?? `Chainsettle answered ${status}`)
}

const lostOutcome = (method: Request<z.ZodType>['method']) => (method === 'GET' ? 'unavailable' : 'unknown')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, length] = ['', 0]
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > maximumLength) throw new Error('the answer is too long')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason'
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
