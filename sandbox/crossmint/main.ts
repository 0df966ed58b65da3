/**
 * The simulator as a process of its own. `CROSSMINT_OPTIONS` is the JSON of `startCrossmint`'s options. Prints its URL as one line of
 * JSON once it listens, and ends on SIGTERM or SIGINT.
 */
import { startCrossmint } from './start-crossmint.ts'

const options = process.env.CROSSMINT_OPTIONS
if (!options) {
  console.error('CROSSMINT_OPTIONS is missing: the JSON of the options of startCrossmint')
  process.exit(1)
}
const crossmint = await startCrossmint(JSON.parse(options))
console.log(JSON.stringify({ url: crossmint.url, processId: process.pid }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => crossmint.stop().then(() => process.exit(0)))
}
