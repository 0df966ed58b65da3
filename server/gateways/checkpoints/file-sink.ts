import { open } from 'node:fs/promises'
import type { CheckpointSink } from './checkpoint-sink.ts'

/** Longer than any line. */
const TAIL = 4_096

/** Appends checkpoints to a file, and returns when they are on the disk. */
export const fileSink = (path: string): CheckpointSink => ({
  destination: path,
  async put(checkpoints) {
    const file = await open(path, 'a+', 0o640)
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - TAIL)
      const { buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      // a crash may have left half a line at the end, or lines that nobody remembers
      const tail = buffer.toString()
      const end = tail.lastIndexOf('\n') + 1
      if (end < tail.length) await file.truncate(start + Buffer.byteLength(tail.slice(0, end)))
      const last =
        end > 0 ? (JSON.parse(tail.slice(0, end).trimEnd().split('\n').at(-1)!) as { number: number }).number : 0
      const lines = checkpoints.filter(({ number }) => number > last).map(({ line }) => line)
      await file.appendFile(lines.join(''))
      await file.sync()
    } finally {
      await file.close()
    }
  },
})
