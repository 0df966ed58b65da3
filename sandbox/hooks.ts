import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ReceivedWebhook } from '@provider-service/client'

/** A server of somebody who is told of events. */
export interface Hooks extends AsyncDisposable {
  url: string
  /** The first webhook that comes, within a minute. */
  first: Promise<ReceivedWebhook>
}

/** Starts a server that takes every webhook. */
export async function startHooks(): Promise<Hooks> {
  const { promise: first, resolve, reject } = Promise.withResolvers<ReceivedWebhook>()
  first.catch(() => {}) // seen by whoever waits for it
  const late = setTimeout(() => reject(new Error('no webhook came within a minute')), 60_000)
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    resolve({ headers: request.headers, body: Buffer.concat(chunks) })
    response.writeHead(204).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    first,
    async [Symbol.asyncDispose]() {
      clearTimeout(late)
      server.close()
      server.closeAllConnections()
    },
  }
}
