import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/** A port of the loopback interface that nobody listens on now. */
export const freePort = (): Promise<number> => portFor(0, '127.0.0.1')

/**
 * Makes sure that nobody listens on a port of `localhost`.
 *
 * @throws Error that names it
 */
export async function requireFree(port: number): Promise<void> {
  await portFor(port, 'localhost').catch((cause) => {
    throw new Error(`Port ${port} of this machine is taken: end what listens there, or choose another one.`, { cause })
  })
}

function portFor(wanted: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(wanted, host, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
