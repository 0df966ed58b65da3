import type { Bench, Report } from './bench.ts'

/** A report as people read it. */
export function tableOf({ figures }: Bench, report: Report): string {
  const rows = Object.entries(figures).map(([figure, { says, unit, atMost, atLeast, aim }]) => {
    const goal = report.goals[figure]
    const asked = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`
    return {
      says,
      value: `${numberOf(report.figures[figure]!)}${unit && ` ${unit}`}`,
      asked: goal ? `${aim ? 'aim' : 'goal'} ${asked}  ${goal.met ? 'met' : 'MISSED'}` : '',
    }
  })
  const width = (column: 'says' | 'value') => Math.max(...rows.map((row) => row[column].length))
  const [left, middle] = [width('says'), width('value')]
  const lines = rows.map(({ says, value, asked }) =>
    `  ${says.padEnd(left)}  ${value.padStart(middle)}   ${asked}`.trimEnd(),
  )
  return [...lines, '', report.ok ? 'Every goal is met.' : 'A goal is missed.'].join('\n')
}

/** With as many digits as say something. */
export const numberOf = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 })
