import { Type } from 'typebox'
import { chargerConditions, registrationPolicies } from '../../fleet/fleet.ts'
import { conditionKinds } from '../../fleet/conditions/condition.ts'
import { versions } from '../../ocpp/versions.ts'
import { Identity, moment, nullable, oneOf, pageQuery, refTo, strict } from './common.ts'

const Tags = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  maxItems: 50,
  description: 'Free words to select by',
})
const GroupPath = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Names from the root joined by `/`, e.g. `North/Hamburg/Depot 1`',
})
const assumption =
  'OCPP version to speak with a charger that sends no Sec-WebSocket-Protocol header'
const AssumeProtocol = oneOf(versions, { description: assumption })
const Credential = Type.String({
  minLength: 1,
  maxLength: 64,
  description:
    'Password for HTTP Basic authentication of the charger; made and answered once when absent',
})

export const MeterReadingSchema = Type.Object(
  {
    measurand: Type.String({ description: 'OCPP measurand, e.g. `Energy.Active.Import.Register`' }),
    phase: nullable(Type.String()),
    value: Type.Number(),
    unit: Type.String({ description: 'Normalised: Wh, W, A, V, percent, Celsius' }),
    at: moment(),
  },
  { $id: 'MeterReading', description: 'A measured value' },
)

export const connectorStatuses = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Occupied',
  'Reserved',
  'Unavailable',
  'Faulted',
] as const

export const ConnectorSchema = Type.Object(
  {
    evse: Type.Integer({ description: 'EVSE number; on OCPP 1.6 the connectorId' }),
    connector: Type.Integer({ description: 'Connector of the EVSE; on OCPP 1.6 always 1' }),
    status: oneOf(connectorStatuses),
    statusAt: moment(),
    error: nullable(Type.String()),
    meter: Type.Array(refTo(MeterReadingSchema)),
  },
  { $id: 'Connector', description: 'A connector and what is known of it' },
)

const UnderMaintenance = Type.Object(
  {
    since: moment(),
    until: nullable(moment('When it ends by itself; null: when somebody ends it')),
    by: Type.String({ description: 'Who holds it' }),
    reason: Type.String(),
  },
  { description: 'Out of service on somebody’s word; null where it is not' },
)

export const ConditionSchema = Type.Object(
  {
    kind: oneOf(conditionKinds),
    since: moment('When it began, which may be before it was noticed'),
    sentence: Type.String({ description: 'What is seen, and what it may mean' }),
    evidence: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'What it is told from',
    }),
  },
  {
    $id: 'Condition',
    description: 'Something wrong with a charger that it does not say itself',
  },
)

const RoundTrips = Type.Object(
  {
    medianMs: Type.Number(),
    p95Ms: Type.Number({ description: '95 of 100 pings were answered within it' }),
    samples: Type.Integer({ description: 'How many pings; the last 60 at most' }),
  },
  { description: 'How long pings took to be answered' },
)

const chargerFields = {
  identity: Type.String({ description: 'The charger’s OCPP identity' }),
  group: nullable(Type.String({ description: 'Path of the group it belongs to' })),
  tags: Type.Array(Type.String()),
  connected: Type.Boolean(),
  protocol: nullable(
    Type.String({
      description: '`ocpp1.6`, `ocpp2.0.1` or `ocpp2.1`; null before the first connection',
    }),
  ),
  vendor: nullable(Type.String()),
  model: nullable(Type.String()),
  serialNumber: nullable(Type.String()),
  firmware: nullable(Type.String()),
  bootState: oneOf(['unknown', 'pending', 'rejected', 'accepted']),
  connectors: Type.Array(refTo(ConnectorSchema)),
  lastSeenAt: nullable(moment()),
  connectedAt: nullable(moment()),
  clockSkewMs: nullable(Type.Number({ description: 'The charger’s clock minus ours, in ms' })),
  clockUncertaintyMs: nullable(
    Type.Number({ description: 'How far the truth may be from `clockSkewMs`, either way' }),
  ),
  roundTripMs: nullable(
    Type.Number({ description: 'Of the last ping that was answered on this connection' }),
  ),
  roundTrips: nullable(RoundTrips),
  conditions: Type.Array(refTo(ConditionSchema)),
  tracedUntil: nullable(moment('Until when its messages are kept; null when they are not')),
  registeredAt: moment(),
  faults: Type.Integer({ description: 'Open faults' }),
  activeSessions: Type.Integer({ description: 'Running charging sessions' }),
  maintenance: nullable(UnderMaintenance),
  securityProfile: nullable(
    Type.Integer({
      description:
        'OCPP’s security profile of the live connection: 1 a password in the clear, 2 a password over TLS, 3 a certificate',
    }),
  ),
  lowestSecurityProfile: Type.Integer({ description: 'It may connect with no lower one' }),
}
export const ChargerSchema = Type.Object(chargerFields, {
  $id: 'Charger',
  description: 'A charger as it is known now',
})

export const RegisteredSchema = Type.Object(
  {
    ...chargerFields,
    credential: Type.Optional(
      Type.String({ description: 'Present only when one was made; it is never shown again' }),
    ),
  },
  { $id: 'RegisteredCharger', description: 'The charger, and its credential if one was made' },
)

export const RegistrationSchema = strict(
  {
    identity: Identity,
    group: Type.Optional(GroupPath),
    credential: Type.Optional(Credential),
    tags: Type.Optional(Tags),
    assumeProtocol: Type.Optional(AssumeProtocol),
  },
  { $id: 'Registration' },
)

export const FleetRowSchema = strict(
  {
    identity: Identity,
    group: Type.Optional(nullable(GroupPath)),
    credential: Type.Optional(nullable(Credential)),
    tags: Type.Optional(Tags),
    assumeProtocol: Type.Optional(
      Type.Unsafe<(typeof versions)[number] | null>({
        type: ['string', 'null'],
        enum: [...versions, null],
        description: assumption,
      }),
    ),
  },
  { $id: 'FleetRow', description: 'A charger as it is imported and exported' },
)

export const AdmissionSchema = strict(
  {
    group: Type.Optional(GroupPath),
    credential: Type.Optional(Credential),
    tags: Type.Optional(Tags),
    assumeProtocol: Type.Optional(AssumeProtocol),
  },
  { $id: 'AdmissionFromWaitingRoom' },
)

export const ChargerPatchSchema = strict(
  {
    group: Type.Optional(nullable(GroupPath)),
    tags: Type.Optional(Tags),
    assumeProtocol: Type.Optional(
      Type.Unsafe<(typeof versions)[number] | null>({
        type: ['string', 'null'],
        enum: [...versions, null],
        description: assumption,
      }),
    ),
    registration: Type.Optional(
      oneOf([...registrationPolicies], {
        description:
          'How its next BootNotification is answered: accept; pending: only configuration is allowed; reject',
      }),
    ),
  },
  { $id: 'ChargerPatch', minProperties: 1 },
)

export const CredentialRequestSchema = strict({ credential: Type.Optional(Credential) })
export const CredentialSchema = Type.Object(
  { credential: Type.String({ description: 'Shown this once' }) },
  { $id: 'ChargerCredential', description: 'The new credential' },
)

export const ImportReportSchema = Type.Object(
  {
    registered: Type.Integer(),
    updated: Type.Integer(),
    unchanged: Type.Integer(),
    credentials: Type.Array(Type.Object({ identity: Type.String(), credential: Type.String() }), {
      description: 'Credentials made for rows that named none; shown this once',
    }),
  },
  { $id: 'ImportReport', description: 'What the import did' },
)

/** A query parameter that may be repeated; one of its values must match. */
function anyOfThese(description: string) {
  return Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
      maxItems: 100,
      description: `${description} May be repeated: one of them must match.`,
    }),
  )
}
export const ChargerQuery = pageQuery({
  group: anyOfThese('Group path; everything below counts.'),
  tag: anyOfThese('Tag.'),
  model: anyOfThese('Model.'),
  status: Type.Optional(
    Type.Array(oneOf(chargerConditions), {
      maxItems: chargerConditions.length,
      description: 'Condition. May be repeated: one of them must match.',
    }),
  ),
  condition: Type.Optional(
    Type.Array(oneOf(conditionKinds), {
      maxItems: conditionKinds.length,
      description: 'What is wrong with it. May be repeated: one of them must match.',
    }),
  ),
})
