import type { CheckName } from '../run.ts'
import { checkNames } from '../run.ts'
import { capabilities, connectors, localList, meterValues } from './abilities.ts'
import type { Check } from './check.ts'
import { clock } from './clock.ts'
import {
  connection,
  credential,
  firmware,
  identity,
  protocol,
  registration,
} from './first-contact.ts'
import { filePlane, testSession } from './on-site.ts'
import { settings } from './settings.ts'

const byName: Readonly<Record<CheckName, Check>> = {
  connection,
  registration,
  identity,
  protocol,
  credential,
  firmware,
  clock,
  capabilities,
  connectors,
  settings,
  'meter-values': meterValues,
  'local-list': localList,
  'file-plane': filePlane,
  'test-session': testSession,
}

/** The checklist, in its order. */
export const checklist: readonly Check[] = checkNames.map((name) => byName[name])
