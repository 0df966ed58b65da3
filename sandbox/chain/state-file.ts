import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { rpc } from './rpc.ts'

/**
 * Writes the whole chain (accounts, blocks, receipts) to `file`. It appears at once or not at all: anvil's own periodic dump writes in
 * place, and a kill during it leaves half a file that nothing can load.
 */
export async function saveState(url: string, file: string): Promise<void> {
  const dump = await rpc<string>(url, 'anvil_dumpState')
  await writeFile(`${file}.new`, gunzipSync(Buffer.from(dump.slice(2), 'hex')))
  await rename(`${file}.new`, file)
}

/** Says whether `file` holds a state to load. One that cannot be read is put aside, not deleted. */
export async function restoreState(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    await copyFile(file, `${file}.broken`)
    return false
  }
}
