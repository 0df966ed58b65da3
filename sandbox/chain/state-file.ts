import { copyFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { rpc } from './rpc.ts'

const saveEvery = 3_000 // milliseconds: what a hard kill of the chain may lose

/** Where anvil itself writes the state when it ends, in whatever way it was asked to. */
export function lastWords(file: string): string {
  return `${file}.last`
}

/**
 * Writes the whole chain (accounts, blocks, receipts) to `file` every few seconds, when it has changed. The file appears at once or not at
 * all: anvil's own periodic dump writes in place, and a kill during it leaves half a file that nothing can load.
 */
export function saveRegularly(url: string, file: string) {
  let saved = ''
  let saving: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout

  async function write(): Promise<void> {
    const { hash } = await rpc<{ hash: string }>(url, 'eth_getBlockByNumber', ['latest', false])
    if (hash === saved) return
    const dump = await rpc<string>(url, 'anvil_dumpState')
    await writeFile(`${file}.new`, gunzipSync(Buffer.from(dump.slice(2), 'hex')))
    await rename(`${file}.new`, file)
    saved = hash
  }

  const save = () => {
    saving = saving.catch(() => {}).then(write)
    return saving
  }

  function schedule(delay: number) {
    timer = setTimeout(async () => {
      const started = performance.now()
      await save().catch(() => {}) // a chain that is gone has nothing to save
      // the chain stands still while it writes: a long one is written less often
      schedule(Math.max(saveEvery, (performance.now() - started) * 20))
    }, delay).unref()
  }
  schedule(saveEvery)

  return {
    save,
    async stop() {
      clearTimeout(timer)
      await saving.catch(() => {})
      clearTimeout(timer)
    },
  }
}

/** Puts the newest readable state into `file`, and says whether there is one. What cannot be read is put aside, not deleted. */
export async function restoreState(file: string): Promise<boolean> {
  const candidates = await Promise.all(
    [file, lastWords(file)].map(async (path) => ({
      path,
      time: (await stat(path).catch(() => null))?.mtimeMs ?? null,
    })),
  )
  const newestFirst = candidates.filter(({ time }) => time !== null).sort((a, b) => b.time! - a.time!)
  for (const { path } of newestFirst) {
    if (await isReadable(path)) {
      if (path !== file) await rename(path, file)
      await rm(lastWords(file), { force: true })
      return true
    }
    await copyFile(path, `${file}.broken`)
  }
  return false
}

async function isReadable(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, 'utf8'))
    return true
  } catch {
    return false
  }
}
