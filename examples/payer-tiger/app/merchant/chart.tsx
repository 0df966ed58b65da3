import type { Asset } from '@provider-service/client'
import { formatAmount } from '@/lib/money.ts'
import type { Bar, Span } from './sales.ts'

const WIDTH = 480
const HEIGHT = 210
const FLOOR = 176
const TOP = 24
const GAP = 0.28

const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

const nameOf = (bar: Bar, { step }: Span): string => (step < 86_400_000 ? hour : day).format(bar.from)

/** What was earned, a bar each; the same numbers are in a table below. */
export function Chart({ bars, span, asset }: { bars: Bar[]; span: Span; asset: Asset }) {
  let highest = 0n
  for (const { sum } of bars) if (sum > highest) highest = sum
  const total = bars.reduce((sum, bar) => sum + bar.sum, 0n)
  const width = WIDTH / bars.length
  // by the thousandth: sums are exact, and only their drawing is not
  const heightOf = (sum: bigint) => (highest === 0n ? 0 : (Number((sum * 1_000n) / highest) / 1_000) * (FLOOR - TOP))
  const every = Math.ceil(bars.length / 7)
  const best = bars.find(({ sum }) => sum === highest)
  return (
    <figure className="stack">
      <svg
        className="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={
          total === 0n || !best
            ? 'Nothing was earned in this time.'
            : `${formatAmount(total, asset)} in all; the most, ${formatAmount(best.sum, asset)}, on ${nameOf(best, span)}.`
        }
      >
        {[0.5, 1].map((part) => (
          <line
            key={part}
            className="chart-line"
            x1="0"
            x2={WIDTH}
            y1={FLOOR - part * (FLOOR - TOP)}
            y2={FLOOR - part * (FLOOR - TOP)}
          />
        ))}
        {bars.map((bar, index) => {
          const height = heightOf(bar.sum)
          return (
            <g key={bar.from.getTime()}>
              {bar.sum > 0n && (
                <rect
                  className="chart-bar"
                  x={index * width + (width * GAP) / 2}
                  width={width * (1 - GAP)}
                  y={FLOOR - Math.max(2, height)}
                  height={Math.max(2, height)}
                  rx={Math.min(5, width / 5)}
                >
                  <title>{`${nameOf(bar, span)}: ${formatAmount(bar.sum, asset)}`}</title>
                </rect>
              )}
              {(bars.length - 1 - index) % every === 0 && (
                <text className="chart-word" x={(index + 0.5) * width} y={HEIGHT - 8} textAnchor="middle">
                  {nameOf(bar, span)}
                </text>
              )}
            </g>
          )
        })}
        <line className="chart-floor" x1="0" x2={WIDTH} y1={FLOOR} y2={FLOOR} />
        {highest > 0n && (
          <text className="chart-word" x="0" y={TOP - 7}>
            {formatAmount(highest, asset)}
          </text>
        )}
      </svg>
      <details>
        <summary className="small">The same as a table</summary>
        <div className="table-frame chart-table">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">From (UTC)</th>
                <th scope="col">Sales</th>
                <th scope="col">Earned</th>
              </tr>
            </thead>
            <tbody>
              {bars.toReversed().map((bar) => (
                <tr key={bar.from.getTime()}>
                  <th scope="row">{nameOf(bar, span)}</th>
                  <td className="number">{bar.count}</td>
                  <td className="number">{formatAmount(bar.sum, asset)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
