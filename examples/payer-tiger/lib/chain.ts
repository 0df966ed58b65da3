import 'server-only'
import type { ChainSetting } from './settings.ts'

/** Asks a node. @throws Error with what the node said */
export async function rpc<Result>(
  { rpcUrl }: Pick<ChainSetting, 'rpcUrl'>,
  method: string,
  params: readonly unknown[],
): Promise<Result> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    cache: 'no-store',
  })
  const { result, error } = (await response.json()) as { result: Result; error?: { message: string } }
  if (error) throw new Error(`The node refused ${method}: ${error.message}`)
  return result
}
