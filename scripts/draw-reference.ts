import { readdir, rm } from 'node:fs/promises'
import { keepPage } from './keep-page.ts'
import { errorsPage } from './reference/errors-page.ts'
import { indexPage } from './reference/index-page.ts'
import { nounPage } from './reference/noun-page.ts'
import { procedures } from './reference/procedures.ts'
import { sdkPage } from './reference/sdk-page.ts'
import { typesPage } from './reference/types.ts'

// Draws docs/reference from the router, the contract and the declarations of the SDK. With --check it only tells whether it is current.

const nouns = Map.groupBy(procedures, ({ noun }) => noun)

const pages: Record<string, string[]> = {
  'README.md': indexPage(nouns),
  'sdk.md': sdkPage(),
  'types.md': typesPage(procedures),
  'errors.md': errorsPage(),
  ...Object.fromEntries([...nouns].map(([noun, these]) => [these[0]!.page, nounPage(noun, these)])),
}

for (const [name, paragraphs] of Object.entries(pages)) await keepPage(`reference/${name}`, paragraphs)

const folder = new URL('../docs/reference/', import.meta.url)
for (const name of await readdir(folder)) {
  if (name in pages) continue
  if (!process.argv.includes('--check')) await rm(new URL(name, folder))
  else {
    console.error(`docs/reference/${name} is of nothing that there is: run \`npm run docs\``)
    process.exitCode = 1
  }
}
