import type { Version } from './versions.ts'

/** Meanings of CALLERROR codes; each version spells them its own way (OCPP 1.6J 4.2.3, 2.0.1 part 4 section 4.3). */
export type ErrorMeaning =
  | 'not-implemented'
  | 'not-supported'
  | 'internal'
  | 'protocol'
  | 'security'
  | 'format'
  | 'property'
  | 'occurrence'
  | 'type'
  | 'generic'
  | 'message-type'
  | 'rpc-framework'

const codes20: Readonly<Record<ErrorMeaning, string>> = {
  'not-implemented': 'NotImplemented',
  'not-supported': 'NotSupported',
  internal: 'InternalError',
  protocol: 'ProtocolError',
  security: 'SecurityError',
  format: 'FormatViolation',
  property: 'PropertyConstraintViolation',
  occurrence: 'OccurrenceConstraintViolation',
  type: 'TypeConstraintViolation',
  generic: 'GenericError',
  'message-type': 'MessageTypeNotSupported',
  'rpc-framework': 'RpcFrameworkError',
}

/** 1.6 misspells one code and lacks two; the nearest it has stands in for those. */
const codes16: Readonly<Record<ErrorMeaning, string>> = {
  ...codes20,
  format: 'FormationViolation',
  occurrence: 'OccurenceConstraintViolation',
  'message-type': 'NotSupported',
  'rpc-framework': 'FormationViolation',
}

const meanings: ReadonlyMap<string, ErrorMeaning> = new Map([
  ...Object.entries(codes20).map(([meaning, code]) => spelling(code, meaning)),
  spelling(codes16.format, 'format'),
  spelling(codes16.occurrence, 'occurrence'),
])

function spelling(code: string, meaning: string): [string, ErrorMeaning] {
  return [code.toLowerCase(), meaning as ErrorMeaning]
}

/** The code of this meaning as the version spells it. */
export function errorCode(version: Version, meaning: ErrorMeaning): string {
  return version === '1.6' ? codes16[meaning] : codes20[meaning]
}

/** What a received code means, in any version's spelling and any case; an unknown one is `generic`. */
export function errorMeaning(code: string): ErrorMeaning {
  return meanings.get(code.trim().toLowerCase()) ?? 'generic'
}
