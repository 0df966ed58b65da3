import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request on its way. */
export type Mishap =
  | 'pass'
  | 'lost' // the connection breaks before the service sees it
  | 'answer-lost' // the service does it, and its answer is lost
  | 'half-answer' // the service does it, and its answer breaks off
  | 'unavailable' // a balancer answers 503 with a page of HTML
  | 'garbage' // a 200 that is not of the service

export interface SeenRequest {
  path: string
  body: string
  mishap: Mishap
}

export interface FlakyProxy extends AsyncDisposable {
  url: string
  seen: SeenRequest[]
}

/**
 * Stands between a client and the service; the n-th request meets the n-th mishap of `plan`, later ones pass. Streams of events pass, and are
 * not counted.
 */
export async function flakyProxy(target: string, plan: Mishap[]): Promise<FlakyProxy> {
  const seen: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    if (request.url!.startsWith('/trpc/events.on')) return pass(target, request, response)
    const body = await textOf(request)
    const mishap = plan[seen.length] ?? 'pass'
    seen.push({ path: request.url!, body, mishap })
    if (mishap === 'lost') return request.socket.destroy()
    if (mishap === 'unavailable') return response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Sorry</h1>')
    if (mishap === 'garbage') return response.writeHead(200, { 'content-type': 'text/plain' }).end('OK')

    const upstream = forward(`${target}${request.url}`, { method: request.method, headers: request.headers })
    upstream.on('error', () => request.socket.destroy())
    upstream.on('response', async (answer) => {
      const text = await textOf(answer)
      if (mishap === 'answer-lost') return request.socket.destroy()
      const { 'transfer-encoding': _, ...headers } = answer.headers
      response.writeHead(answer.statusCode!, { ...headers, 'content-length': Buffer.byteLength(text) })
      if (mishap === 'pass') return response.end(text)
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy())
    })
    upstream.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Lets a stream through, until either side ends it. */
function pass(target: string, request: IncomingMessage, response: ServerResponse): void {
  const upstream = forward(`${target}${request.url}`, { headers: request.headers })
  response.on('close', () => upstream.destroy())
  upstream.on('error', () => response.destroy())
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  upstream.end()
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
