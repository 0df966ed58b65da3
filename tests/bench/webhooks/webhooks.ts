import { defineBench } from '../bench.ts'
import { inbound } from './inbound.ts'

export const webhooks = defineBench({
  name: 'webhooks',
  says: 'Webhooks that come in: signature, row, answer, beside a bare Express + pg that writes the same row.',
  options: { ...inbound.options },
  figures: { ...inbound.figures },
  run: async (stage) => ({ ...(await inbound.run(stage)) }),
})
