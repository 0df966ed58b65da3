import { issuer, registries } from './deploy-registries.ts'
import { levels } from './options.ts'

/** What the service is told of the Chainsettle at `url`, as its variable CHAINSETTLE. */
export const chainsettleSetting = (url: string, chainId: number): string =>
  JSON.stringify({ baseUrl: url, registries: [{ chainId, docusign: registries.docusign }], issuers: [issuer], levels })
