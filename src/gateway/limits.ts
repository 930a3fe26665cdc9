/** What one gateway allows. Every queue, table and wait of the charger plane has its bound here. */
export interface GatewayLimits {
  /** Sockets, connected chargers and handshakes in progress together. More are refused with 503. */
  readonly maxConnections: number
  /** Handshakes being decided by control at once. */
  readonly maxAdmissions: number
  /** Handshakes waiting for their turn. More are refused with 503. */
  readonly maxAdmissionsWaiting: number
  /** A handshake that waited longer than this is refused with 503. */
  readonly admissionWaitMs: number
  /** How long control may take to decide one handshake. */
  readonly admissionTimeoutMs: number
  /** Connections one identity may open in a row, and how many it regains an hour. */
  readonly connectsPerHour: number
  /** Handshakes of one identity from one address that may be refused (404, 401) in a row; one is regained every `refusedRegainMs`. */
  readonly refusedPerIdentity: number
  /** The same for one address whatever the identity. */
  readonly refusedPerAddress: number
  readonly refusedRegainMs: number
  /** Entries in each table of the rate limits; the oldest give way. */
  readonly maxTracked: number

  /** Bytes of one message, inflated. A longer one closes the connection with 1009. */
  readonly maxFrameBytes: number
  /** Messages shorter than this are not deflated, bytes. */
  readonly deflateThresholdBytes: number
  /** Messages of one connection that may wait for control before reading from it stops. */
  readonly maxInboundWaiting: number
  /** Their bytes, likewise. */
  readonly maxInboundWaitingBytes: number
  /** Frames of one connection in one second before reading from it stops until the next. */
  readonly framesPerSecond: number
  /** Seconds in a row a connection may need to be stopped before it is closed as flooding. */
  readonly floodingSeconds: number
  /** Bytes we hold for a charger that does not read, before its connection is cut. */
  readonly maxOutboundBytes: number
  /** Bytes still waiting in the socket above which no CALL is sent, because its frame would not leave now. */
  readonly callBacklogBytes: number

  /** How long one attempt to hand a message to control may take. */
  readonly inboundTimeoutMs: number
  /** How long control may be away before a message is answered with InternalError. */
  readonly inboundDeadlineMs: number
  /** Pause between attempts; doubles up to `retryMaxMs`. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** How long an answer is remembered for a charger that repeats its message. */
  readonly answerMemoryMs: number

  /** Step of the one timer that serves all connections. */
  readonly tickMs: number
  /** A connection is never called silent before this time without a frame. */
  readonly silenceFloorMs: number
  /** How long a displaced connection may take to answer the ping that tells whether it still lives. */
  readonly probeMs: number
  /** How long a peer may take to answer our close frame. */
  readonly closeTimeoutMs: number
  /** How long a stopping gateway waits for answers in progress. */
  readonly drainMs: number

  /** Period of the reports that say which connections are alive. */
  readonly alivePeriodMs: number
  /** Reports in one message to control. */
  readonly maxBatch: number
  /** Characters in one message to control. */
  readonly maxBatchChars: number
  /** Outcomes control has not taken yet, above which no further CALL is accepted. */
  readonly maxOutcomesWaiting: number
  /** CALLs given up whose late answers are still recognised. */
  readonly maxLateCalls: number
  /** Violations reported per connection in a row; one more is allowed every `violationRegainMs`. */
  readonly violationBurst: number
  readonly violationRegainMs: number
  /** Violations waiting for the next report; more are counted and dropped. */
  readonly maxViolationsWaiting: number
  /** CALLs that left and that control has not counted; no more leave then. */
  readonly maxFramesUncounted: number
  /** Frames of traced chargers control has not taken yet; more are counted and left out. */
  readonly maxTraceWaiting: number
}

export const defaultLimits: GatewayLimits = {
  maxConnections: 18_000,
  maxAdmissions: 64,
  maxAdmissionsWaiting: 10_000,
  admissionWaitMs: 20_000,
  admissionTimeoutMs: 5_000,
  connectsPerHour: 60,
  refusedPerIdentity: 30,
  refusedPerAddress: 3_000,
  refusedRegainMs: 5_000,
  maxTracked: 50_000,

  maxFrameBytes: 512 * 1024,
  deflateThresholdBytes: 1024,
  maxInboundWaiting: 64,
  maxInboundWaitingBytes: 1024 * 1024,
  framesPerSecond: 1_000,
  floodingSeconds: 10,
  maxOutboundBytes: 1024 * 1024,
  callBacklogBytes: 16 * 1024,

  inboundTimeoutMs: 10_000,
  inboundDeadlineMs: 30_000,
  retryMinMs: 50,
  retryMaxMs: 1_000,
  answerMemoryMs: 60_000,

  tickMs: 250,
  silenceFloorMs: 60_000,
  probeMs: 2_000,
  closeTimeoutMs: 3_000,
  drainMs: 5_000,

  alivePeriodMs: 2_000,
  maxBatch: 500,
  maxBatchChars: 400_000,
  maxOutcomesWaiting: 20_000,
  maxLateCalls: 10_000,
  violationBurst: 20,
  violationRegainMs: 6_000,
  maxViolationsWaiting: 2_000,
  maxFramesUncounted: 50_000,
  maxTraceWaiting: 10_000,
}
