import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endPostmaster, isAlive, isPostgres, notedPostmaster } from '../../db/embedded-postmaster.ts'

/** Ends and removes the database servers of earlier runs that were killed: directories named `<prefix><pid>-…`. */
export async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    if (!pid || (await isAlive(pid))) continue

    for (const data of [join(parent, name, 'server', 'data'), join(parent, name, 'data')]) {
      const postmaster = await notedPostmaster(data)
      if (postmaster && (await isPostgres(postmaster.pid))) await endPostmaster(data, postmaster.pid, 'pg_ctl')
    }
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {}) // another user's
  }
}
