import type { Json } from '../kernel/json.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { TokenListSupply } from '../operations/catalog/access/token-list-supply.ts'
import type { Query } from '../storage/database.ts'
import { listForChargers } from './token-store.ts'

/** The list as it stands, for the chargers that it is sent to; `tokens.push` names it in `params.list`. */
export async function tokenListSupply(reader: Query, list: string): Promise<Json> {
  const found = await listForChargers(reader, list)
  if (found === undefined)
    throw new ProblemError('invalid-input', `there is no token list ${list}`, 'params.list')
  const supply: TokenListSupply = {
    list,
    revision: found.revision,
    since: found.known_since,
    tokens: found.tokens.map(({ token, type, parent, status, from, until, revision }) => ({
      token,
      status,
      revision,
      ...(type === null ? {} : { type }),
      ...(parent === null ? {} : { parent }),
      ...(from === null ? {} : { from }),
      ...(until === null ? {} : { until }),
    })),
    removed: found.removed.map(({ token, type, revision }) => ({
      token,
      revision,
      ...(type === null ? {} : { type }),
    })),
  }
  return supply as unknown as Json
}
