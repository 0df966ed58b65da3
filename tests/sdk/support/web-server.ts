import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RouteHandler } from '../../../client-sdk/next/index.ts'

export interface WebServer extends AsyncDisposable {
  url: string
}

/** Serves route handlers by method, as Next does on Node: the request's signal is aborted when its sender leaves. */
export async function webServer(handlers: Partial<Record<'GET' | 'POST', RouteHandler>>): Promise<WebServer> {
  const server = createServer(async (incoming, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const { method, url } = incoming
    const handler = handlers[method as 'GET' | 'POST']
    if (!handler) return response.writeHead(405).end()
    const body = method === 'GET' ? null : (Readable.toWeb(incoming) as ReadableStream)
    const request = new Request(`http://${incoming.headers.host}${url}`, {
      method,
      headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      body,
      signal: gone.signal,
      ...(body && { duplex: 'half' }),
    } as RequestInit)
    try {
      const answer = await handler(request)
      for (const [name, value] of answer.headers) response.appendHeader(name, value)
      response.writeHead(answer.status)
      response.flushHeaders()
      if (answer.body) await pipeline(Readable.fromWeb(answer.body as never), response)
      else response.end()
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
