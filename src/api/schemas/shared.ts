import type { TSchema } from 'typebox'
import { ActorSchema, AuditEntrySchema, AuditVerificationSchema, OriginSchema } from './audit.ts'
import {
  AdmissionSchema,
  ChargerPatchSchema,
  ChargerSchema,
  ConnectorSchema,
  CredentialSchema,
  FleetRowSchema,
  ImportReportSchema,
  MeterReadingSchema,
  RegisteredSchema,
  RegistrationSchema,
} from './charger.ts'
import {
  CancellationSchema,
  CancelledSchema,
  CommandDetailSchema,
  CommandSchema,
  PaceSchema,
  SelectorSchema,
  SubmissionSchema,
  TargetSchema,
  TargetsSchema,
} from './command.ts'
import { ProblemSchema } from './common.ts'
import {
  ConnectionSchema,
  FaultSchema,
  GroupSchema,
  NoticeSchema,
  NewGroupSchema,
  SessionSchema,
  ViolationSchema,
  WaitingSchema,
} from './fleet.ts'
import { EventSchema } from './event.ts'
import { OperationSchema } from './operation.ts'
import {
  IssuedTokenSchema,
  NewTokenSchema,
  ProblemCodeSchema,
  SystemSchema,
  TokenSchema,
} from './system.ts'

/** Everything the document lists under components, by its `$id`. */
export const sharedSchemas: readonly TSchema[] = [
  ProblemSchema,
  ProblemCodeSchema,
  ActorSchema,
  OriginSchema,
  AuditEntrySchema,
  AuditVerificationSchema,
  MeterReadingSchema,
  ConnectorSchema,
  ChargerSchema,
  RegisteredSchema,
  RegistrationSchema,
  AdmissionSchema,
  ChargerPatchSchema,
  CredentialSchema,
  FleetRowSchema,
  ImportReportSchema,
  GroupSchema,
  NoticeSchema,
  NewGroupSchema,
  SessionSchema,
  FaultSchema,
  ConnectionSchema,
  ViolationSchema,
  WaitingSchema,
  EventSchema,
  OperationSchema,
  SelectorSchema,
  TargetsSchema,
  PaceSchema,
  SubmissionSchema,
  CommandSchema,
  TargetSchema,
  CommandDetailSchema,
  CancellationSchema,
  CancelledSchema,
  TokenSchema,
  NewTokenSchema,
  IssuedTokenSchema,
  SystemSchema,
]
