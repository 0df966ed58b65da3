import { escaped, whole } from './wording.ts'

/** What a chart is about, for those who see it and those who have it read to them. */
export interface ChartText {
  /** Of the chart within its page. */
  id: string
  title: string
  description: string
}

/** A kind of thing that is counted, and how it is told from the others: also on paper without colours. */
export interface Series {
  name: string
  look: 'pale' | 'hatched' | 'dark'
}

const WIDTH = 680

/** Columns beside each other, each of them the parts of a whole, the first series at the bottom. */
export function columnChart(
  text: ChartText,
  series: readonly Series[],
  columns: readonly { label: string; values: readonly number[] }[],
): string {
  const [top, height, left] = [26, 150, 44]
  const most = ceiling(Math.max(1, ...columns.map(({ values }) => sum(values))))
  const yOf = (value: number) => round(top + height - (value / most) * height)
  const step = (WIDTH - left) / columns.length
  const width = round(Math.min(46, step * 0.72))
  // labels that would run into each other are left out
  const every = Math.ceil((Math.max(...columns.map(({ label }) => label.length)) * 6 + 6) / step)

  const grid = ticks(most).map(
    (value) =>
      `<line class="grid" x1="${left}" x2="${WIDTH}" y1="${yOf(value)}" y2="${yOf(value)}"/><text class="tick" x="${left - 6}" y="${yOf(value) + 3.5}" text-anchor="end">${whole(value)}</text>`,
  )
  const marks = columns.map(({ label, values }, index) => {
    const x = round(left + index * step + (step - width) / 2)
    let below = 0
    const parts = values.map((value, nth) => {
      const [y, bottom] = [yOf(below + value), yOf(below)]
      below += value
      if (value === 0) return ''
      return `<rect class="${series[nth]!.look}" x="${x}" y="${y}" width="${width}" height="${round(bottom - y)}"><title>${escaped(`${label}: ${whole(value)} ${series[nth]!.name}`)}</title></rect>`
    })
    const name =
      index % every === 0
        ? `<text class="tick" x="${round(x + width / 2)}" y="${top + height + 15}" text-anchor="middle">${escaped(label)}</text>`
        : ''
    return `<g class="column">${parts.join('')}${name}</g>`
  })
  const axis = `<line class="axis" x1="${left}" x2="${WIDTH}" y1="${yOf(0)}" y2="${yOf(0)}"/>`
  return svg(text, top + height + 24, [legend(series, left), ...grid, ...marks, axis])
}

/** Bars under each other, the longest as wide as there is room. */
export function barChart(text: ChartText, bars: readonly { label: string; value: number }[]): string {
  const [row, left, right] = [24, 250, 70]
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const marks = bars.map(({ label, value }, index) => {
    const width = round((value / most) * (WIDTH - left - right))
    const y = index * row + 4
    return `<g class="bar"><text class="name" x="${left - 8}" y="${y + 12}" text-anchor="end">${escaped(shortened(label, 42))}</text><rect class="dark" x="${left}" y="${y}" width="${width}" height="16"><title>${escaped(`${label}: ${whole(value)}`)}</title></rect><text class="value" x="${left + width + 6}" y="${y + 12}">${whole(value)}</text></g>`
  })
  const axis = `<line class="axis" x1="${left}" x2="${left}" y1="0" y2="${bars.length * row}"/>`
  return svg(text, bars.length * row + 4, [...marks, axis])
}

function svg({ id, title, description }: ChartText, height: number, content: readonly string[]): string {
  return `<svg class="chart" id="${id}" role="img" aria-labelledby="${id}-title ${id}-description" viewBox="0 0 ${WIDTH} ${height}"><title id="${id}-title">${escaped(title)}</title><desc id="${id}-description">${escaped(description)}</desc>${content.join('')}</svg>`
}

function legend(series: readonly Series[], left: number): string {
  let x = left
  const entries = series.map(({ name, look }) => {
    const entry = `<rect class="${look}" x="${x}" y="2" width="12" height="12"/><text class="tick" x="${x + 17}" y="12">${escaped(name)}</text>`
    x += 17 + name.length * 6 + 20
    return entry
  })
  return `<g class="legend">${entries.join('')}</g>`
}

/** Patterns that the looks are drawn with; once in a page. */
export const chartPatterns =
  '<svg class="patterns" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff"/><rect width="2.4" height="5" fill="#8a6a14"/></pattern></defs></svg>'

/** The next number that an axis ends well with: 1, 2, 4, 6 or 10 times a power of ten. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 6, 10].map((step) => step * power).find((candidate) => candidate >= value)!
}

const ticks = (most: number): number[] => (most < 2 ? [most] : [most / 2, most]).filter(Number.isInteger)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const round = (value: number) => Math.round(value * 100) / 100
const shortened = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
