import type { ChargerKnowledge, Model, ModelDetail } from '../../src/fleet/models/models.ts'

const iso = '2026-01-01T00:00:00.000Z'

const quirk = {
  quirk: 'max-stack-level',
  parameters: { level: 0 },
  does: 'd',
  weDo: 'w',
  why: 'y',
  evidence: ['L#1'],
  from: 'abb/terra-ac',
} as const
const commandEnds = {
  succeeded: 1,
  unverified: 0,
  refused: 0,
  unsupported: 0,
  failed: 0,
  unknown: 0,
}
export const someModel: Model = {
  id: 'a1b2c3d4e5f6',
  vendor: 'ABB',
  model: 'TACW22',
  firmware: null,
  chargers: 2,
  online: 1,
  protocols: ['ocpp1.6'],
  profiles: ['abb/terra-ac'],
  quirks: ['max-stack-level'],
  violations: { handshake: 1 },
  commands: commandEnds,
  share: { refused: 0, unsupported: 0, unknown: 0, failed: null },
  score: { score: 98, parts: [{ part: 'commands', points: null, of: 40, because: 'b' }] },
}
export const someModelDetail: ModelDetail = {
  ...someModel,
  quirkDetails: [quirk],
  capabilities: [
    {
      name: 'evses',
      title: 't',
      values: [{ value: 2, source: 'probed', chargers: 2 }],
      agree: 2,
    },
  ],
  violationDetails: [
    {
      kind: 'handshake',
      action: null,
      path: null,
      count: 1,
      chargers: 1,
      latestAt: iso,
      detail: 'd',
    },
  ],
  vendorMessages: [{ vendorId: 'EN+', messageId: null, why: 'y', from: 'en-plus/all' }],
}
export const someKnowledge: ChargerKnowledge = {
  identity: 'CP 1',
  vendor: 'ABB',
  model: null,
  firmware: null,
  profiles: [],
  capabilities: [
    {
      name: 'file-protocols',
      title: 't',
      value: ['FTP'],
      source: 'overridden',
      since: null,
      why: 'y',
      setForFirmware: '1.0',
      firmwareChanged: true,
    },
  ],
  quirks: [quirk],
}
