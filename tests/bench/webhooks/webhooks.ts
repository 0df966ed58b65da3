import { defineBench } from '../bench.ts'
import { inbound } from './inbound.ts'
import { streams } from './streams.ts'

export const webhooks = defineBench({
  name: 'webhooks',
  says: 'Webhooks that come in: signature, row, answer, beside a bare Express + pg that writes the same row; streams of live events.',
  options: { ...inbound.options, ...streams.options },
  figures: { ...inbound.figures, ...streams.figures },
  run: async (stage) => ({ ...(await inbound.run(stage)), ...(await streams.run(stage)) }),
})
