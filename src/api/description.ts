import { memoryBus } from '../bus/memory.ts'
import { systemClock } from '../kernel/clock.ts'
import { uuid7 } from '../kernel/ids.ts'
import { silentLog } from '../kernel/log.ts'
import type { Operation } from '../operations/operation.ts'
import { buildApi } from './api.ts'
import type { ApiParts } from './app.ts'

/** The OpenAPI document of an API with nothing behind it, for the reference pages and for clients' types. */
export async function describeApi(
  operations: readonly Operation[],
  version: string,
): Promise<object> {
  const bus = memoryBus()
  const app = await buildApi({
    fleet: nothingBehind<ApiParts['fleet']>(),
    timeline: nothingBehind<ApiParts['timeline']>(),
    trace: nothingBehind<ApiParts['trace']>(),
    access: nothingBehind<ApiParts['access']>(),
    commands: nothingBehind<ApiParts['commands']>(),
    approvals: nothingBehind<ApiParts['approvals']>(),
    energy: nothingBehind<ApiParts['energy']>(),
    maintenance: nothingBehind<ApiParts['maintenance']>(),
    commissioning: nothingBehind<ApiParts['commissioning']>(),
    files: nothingBehind<ApiParts['files']>(),
    firmware: nothingBehind<ApiParts['firmware']>(),
    trust: nothingBehind<ApiParts['trust']>(),
    audit: nothingBehind<ApiParts['audit']>(),
    proofs: nothingBehind<ApiParts['proofs']>(),
    erasures: nothingBehind<ApiParts['erasures']>(),
    identity: nothingBehind<ApiParts['identity']>(),
    alerts: nothingBehind<ApiParts['alerts']>(),
    reconciliation: nothingBehind<ApiParts['reconciliation']>(),
    passkeys: nothingBehind<ApiParts['passkeys']>(),
    breakGlass: nothingBehind<ApiParts['breakGlass']>(),
    singleSignOn: undefined,
    policy: nothingBehind<ApiParts['policy']>(),
    operations,
    bus,
    clock: systemClock,
    newId: uuid7(systemClock),
    log: silentLog,
    system: { version, roles: [], startedAt: 0, listeners: () => ({}), operatorUrl: () => '' },
  })
  try {
    return app.swagger()
  } finally {
    await app.close()
    await bus.close()
  }
}

function nothingBehind<T extends object>(): T {
  return new Proxy({} as T, {
    get() {
      throw new Error('an API that is only described answers nothing')
    },
  })
}
