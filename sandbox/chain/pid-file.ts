import { readFile } from 'node:fs/promises'
import { rpc } from './rpc.ts'

/**
 * The chain that a pid file names, if it still runs. Process ids are reused, so it counts only when anvil answers on the port
 * beside it with the right chain id.
 */
export async function readPidFile(
  pidFile: string,
  chainId: number,
): Promise<{ port: number; processId: number } | null> {
  const text = await readFile(pidFile, 'utf8').catch(() => null)
  if (text === null) return null
  const { port, processId } = JSON.parse(text) as { port: number; processId: number }
  const url = `http://127.0.0.1:${port}`
  try {
    const version = await rpc<string>(url, 'web3_clientVersion')
    const id = Number(await rpc<string>(url, 'eth_chainId'))
    return version.startsWith('anvil/') && id === chainId ? { port, processId } : null
  } catch {
    return null
  }
}
