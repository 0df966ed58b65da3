/** Where GitHub puts a heading of this text. */
export const anchorOf = (heading: string) => heading.toLowerCase().replaceAll(/[^\w-]/g, '')

export const code = (text: string) => `\`${text}\``

/** Code in a cell of a table. */
export const cellCode = (text: string) => code(text.replaceAll('|', '\\|'))

export const block = (text: string) => `\`\`\`ts\n${text}\n\`\`\``

export const generatedFrom = (sources: string) => `<!-- Drawn from ${sources} by \`npm run docs\`. Do not edit. -->`
