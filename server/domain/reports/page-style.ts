/** How the page looks: on a screen as a sheet, on paper as A4 with its pages numbered. `footer` is plain ASCII without quotes. */
export const pageStyle = ({ footer }: { footer: string }): string => `
@page { size: A4; margin: 18mm 16mm 20mm;
  @bottom-left { content: '${footer}'; font: 7.5pt system-ui, sans-serif; color: #555 }
  @bottom-right { content: 'Page ' counter(page) ' of ' counter(pages); font: 7.5pt system-ui, sans-serif; color: #555 } }
* { box-sizing: border-box }
html { font: 10pt/1.45 system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; color: #1b1f24; background: #e9ebee;
  print-color-adjust: exact; -webkit-print-color-adjust: exact }
body { margin: 0 }
main { width: 178mm; max-width: 100%; margin: 10mm auto; padding: 16mm 14mm; background: #fff; box-sizing: content-box }
header { border-bottom: 2pt solid #14324a; padding-bottom: 5mm; margin-bottom: 6mm }
.kind { margin: 0; font-size: 9pt; letter-spacing: .08em; text-transform: uppercase; color: #14324a; font-weight: 600 }
h1 { margin: 0 0 4mm; font-size: 24pt; line-height: 1.15; font-weight: 650 }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: 2.5mm 8mm; margin: 0 }
dt { font-size: 8pt; color: #555 }
dd { margin: 0; overflow-wrap: anywhere }
.figures { display: flex; flex-wrap: wrap; gap: 3mm; list-style: none; margin: 0 0 6mm; padding: 0 }
.figures li { flex: 1 1 0; min-width: 22mm; padding: 2.5mm 3mm; border: .5pt solid #c4cad1; border-top: 2pt solid #14324a; font-size: 8pt; color: #444 }
.figures b { display: block; font-size: 15pt; line-height: 1.2; color: #1b1f24; font-variant-numeric: tabular-nums }
section { margin: 0 0 8mm }
h2 { font-size: 13pt; margin: 0 0 1.5mm; color: #14324a; break-after: avoid }
h2 span { display: inline-block; min-width: 7mm }
h3 { font-size: 10pt; margin: 4mm 0 1.5mm; break-after: avoid }
p { margin: 0 0 3mm }
section > p { color: #444; break-after: avoid }
.none { font-style: italic; color: #555 }
figure { margin: 0 0 4mm; break-inside: avoid }
figcaption { font-size: 8.5pt; font-weight: 600; margin-bottom: 1.5mm }
.chart { display: block; width: 100%; height: auto }
.patterns { position: absolute }
.chart text { font: 11px system-ui, sans-serif; fill: #1b1f24 }
.chart .tick { font-size: 10px; fill: #444 }
.chart .grid { stroke: #d5d9de; stroke-width: .7 }
.chart .axis { stroke: #1b1f24; stroke-width: 1 }
.pale { fill: #c3d3df; stroke: #14324a; stroke-width: .6 }
.hatched { fill: url(#hatch); stroke: #8a6a14; stroke-width: .6 }
.dark { fill: #14324a; stroke: #14324a; stroke-width: .6 }
table { width: 100%; border-collapse: collapse; margin: 0 0 4mm; font-size: 8.5pt }
thead { display: table-header-group }
tr { break-inside: avoid }
th { text-align: left; font-weight: 600; border-bottom: 1pt solid #1b1f24; padding: 1mm 2mm 1mm 0; vertical-align: bottom }
td { border-bottom: .5pt solid #d5d9de; padding: 1mm 2mm 1mm 0; vertical-align: top; overflow-wrap: anywhere }
tfoot { display: table-row-group }
tfoot td { font-weight: 600; border-bottom: 0 }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0; padding-left: 3mm; white-space: nowrap }
.beside { display: grid; grid-template-columns: 2fr 3fr; gap: 8mm; align-items: start }
code, pre { font: 7.5pt/1.4 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere }
td code { font-size: 6.6pt }
code.hash { font-size: 6.2pt }
.number + td:not(.number), .number + th:not(.number) { padding-left: 4mm }
.moment { white-space: nowrap; font-variant-numeric: tabular-nums }
pre { background: #f3f5f7; border: .5pt solid #d5d9de; padding: 2mm 3mm; margin: 0 0 4mm; white-space: pre-wrap }
small { color: #555 }
@media print { html { background: #fff } main { width: auto; margin: 0; padding: 0 } section { margin-bottom: 6mm } }
`
