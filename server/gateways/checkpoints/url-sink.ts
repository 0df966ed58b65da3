import type { CheckpointSink } from './checkpoint-sink.ts'

/** Posts each checkpoint as a JSON document; any 2xx says that it is kept. The same one may come again, under the same key. */
export const urlSink = (url: string, timeout = 10_000): CheckpointSink => ({
  destination: url,
  async put(checkpoints, stopping) {
    for (const { number, line } of checkpoints) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `checkpoint-${number}` },
        body: line,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeout), ...(stopping ? [stopping] : [])]),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`checkpoint ${number} was not taken: HTTP ${response.status}`)
    }
  },
})
