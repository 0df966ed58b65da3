import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition that nothing announces. @throws Error with `complaint` after `milliseconds` */
export async function until(condition: () => Promise<boolean>, milliseconds: number, complaint: string): Promise<void> {
  const deadline = Date.now() + milliseconds
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${complaint} within ${milliseconds / 1000} s`)
    await sleep(10)
  }
}
