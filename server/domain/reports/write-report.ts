import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TextFile } from './text-file.ts'

/**
 * Makes sure that a report can be written to a directory: it is made when missing.
 *
 * @throws Error when it is not empty
 */
export async function emptyDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0) throw new Error(`${directory} is not empty: name another directory`)
}

/** Writes the files of a report, and puts them on the disk. */
export async function writeReport(directory: string, files: readonly TextFile[]): Promise<void> {
  for (const { name, parts } of files) {
    await using file = await open(join(directory, name), 'wx', 0o640)
    for (const part of parts) await file.appendFile(part)
    await file.sync()
  }
}
