import type { IncomingMessage } from 'node:http'
import { TRPCError } from '@trpc/server'
import { resolveResponse } from '@trpc/server/http'
import type { Request as ExpressRequest, Response as ExpressResponse, RequestHandler } from 'express'
import type { Context } from '../context.ts'
import { appRouter } from '../router.ts'
import type { Log } from '../telemetry/log.ts'
import { sendRefusal, sendStream, type Told } from './send-stream.ts'

/** What a call that tells of events needs of its connection. */
export type Line = Pick<Context, 'left' | 'tell'>

/** What the procedures are served with. Sizes in bytes and in calls. */
export interface ProceduresOptions {
  maxBodySize: number
  maxBatchSize: number
  /** Milliseconds that a client may leave unread what a stream holds for it, until it is cut off. */
  stall: number
  log: Log
  contextOf: (request: ExpressRequest, response: ExpressResponse, line: Line) => Context
  onError: (report: { error: TRPCError; path: string | undefined; ctx: Context | undefined }) => void
}

/**
 * Serves the procedures to Express. tRPC's own adapter turns each request and each answer into web streams; ours are short JSON
 * texts, and reading and writing them as such takes half the time of a call away. Streams of events are written by us as well.
 */
export function procedures({ maxBodySize, maxBatchSize, stall, log, ...options }: ProceduresOptions): RequestHandler {
  return async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => {
      // both ends of every call close: only a caller who left before the answer is gone, and each error made takes its time
      if (!response.writableFinished) gone.abort()
    })
    let told: Told | undefined
    const tell: Line['tell'] = (these) => {
      told = these
      return nothing()
    }
    const answer = await resolveResponse({
      router: appRouter,
      req: webRequest(request, maxBodySize, gone.signal),
      path: request.path.slice(request.path.lastIndexOf('/') + 1),
      error: isReadable(request) ? null : new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
      maxBatchSize,
      createContext: async () => options.contextOf(request, response, { left: gone.signal, tell }),
      onError: (report) => options.onError(report),
    })
    if (told) {
      void answer.body!.cancel()
      return sendStream(told, response, { stall, log, end: () => gone.abort() })
    }
    if (answer.headers.get('content-type') === 'text/event-stream') return sendRefusal(answer, response)
    response.statusCode = answer.status
    answer.headers.forEach((value, name) => {
      // what the answer depends on is added to what was said before
      if (name === 'vary') response.vary(value)
      else response.setHeader(name, value)
    })
    response.end(await answer.text())
  }
}

async function* nothing(): AsyncGenerator<never, void> {}

const json = /^application\/json\s*(;|$)/i

/** Whether a body is JSON. tRPC would take forms for calls, which browsers let every page send with the cookie. */
const isReadable = ({ method, headers }: IncomingMessage): boolean =>
  method !== 'POST' || json.test(headers['content-type'] ?? '')

/** As much of a web request as tRPC asks for. Its body is read when the input is asked for. */
function webRequest(request: IncomingMessage, maxBodySize: number, signal: AbortSignal): Request {
  const { headers } = request
  const plain = {
    method: request.method!,
    // only its query is looked at
    url: `http://localhost${request.url}`,
    signal,
    headers: {
      get: (name: string) => headers[name.toLowerCase()]?.toString() ?? null,
      has: (name: string) => name.toLowerCase() in headers,
    },
    text: () => readText(request, maxBodySize),
  }
  return plain as unknown as Request
}

/** @throws TRPCError PAYLOAD_TOO_LARGE, CLIENT_CLOSED_REQUEST */
function readText(request: IncomingMessage, maxBodySize: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const read = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxBodySize) return
      request.off('data', read).resume()
      reject(new TRPCError({ code: 'PAYLOAD_TOO_LARGE' }))
    }
    request.on('data', read)
    request.once('end', () => resolve(Buffer.concat(chunks).toString()))
    request.once('close', () => {
      if (!request.readableEnded) reject(new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' }))
    })
  })
}
