import Type from 'typebox'
import { versions } from '../../ocpp/versions.ts'
import { declare } from './declare.ts'

const milliseconds = Type.Integer({ minimum: 1, maximum: 600_000 })
const version = Type.Enum(versions)
const none = {}

/** How a connection to the charger comes about, stays and goes. The gateway copes, by its `ConnectionPolicy`. */
export const connectionQuirks = {
  'wait-after-connect': declare({
    does: 'drops the link or stays silent when a CALL comes right after it connected',
    weDo: 'the gateway sends no CALL for `ms` after the connection opened; commands wait',
    fields: { ms: milliseconds },
  }),
  'deaf-until-booted': declare({
    does: 'ignores CALLs until its BootNotification has been answered',
    weDo: 'the gateway holds CALLs back until the boot of this connection is answered, `atMostMs` at the longest because a reconnect brings no boot',
    fields: { atMostMs: milliseconds },
  }),
  'wait-after-boot': declare({
    does: 'never answers what it is asked in the first moments after its boot',
    weDo: 'the gateway sends no CALL for `ms` after it answered a BootNotification',
    fields: { ms: milliseconds },
  }),
  'needs-boot-trigger': declare({
    does: 'sends no BootNotification by itself after connecting',
    weDo: 'the gateway asks for one with TriggerMessage `afterMs` after every connect that brought none',
    fields: { afterMs: milliseconds },
  }),
  'never-trigger-boot': declare({
    does: 'reconnects in a loop when a BootNotification is triggered',
    weDo: 'the gateway never triggers one, and operations that would are refused',
    fields: none,
  }),
  'slow-answers': declare({
    does: 'answers after a minute or more',
    weDo: 'a CALL waits `timeoutMs` for its answer instead of the usual time',
    fields: { timeoutMs: milliseconds },
  }),
  'ignores-pings': declare({
    does: 'never answers WebSocket pings',
    weDo: 'nothing is made of a missing pong, here or anywhere: any inbound frame proves life',
    fields: none,
  }),
  'no-subprotocol-header': declare({
    does: 'connects without a Sec-WebSocket-Protocol header',
    weDo: 'where the record of the charger names no version, `assume` is spoken to chargers of this model',
    fields: { assume: version },
  }),
  'garbled-subprotocol': declare({
    does: 'offers subprotocols in a list that breaks the grammar of the header',
    weDo: 'the handshake skips what is empty and takes the first version it knows',
    fields: { sends: Type.String({ minLength: 1, maxLength: 100 }) },
  }),
  'probes-other-version': declare({
    does: 'connects for a moment with another OCPP version before the one it means',
    weDo: 'the version is that of each connection and is never kept for the next',
    fields: { first: version },
  }),
  'drops-line': declare({
    does: 'drops the connection after some CALLs or answers',
    weDo: 'a CALL whose connection went is unknown until its effect or a read shows what became of it',
    fields: none,
  }),
  'stale-socket-after-network-change': declare({
    does: 'believes for ever in a connection that a change of network has cut',
    weDo: 'it is told to send a heartbeat every `heartbeatSeconds`, so that it has to write and we notice soon; a newer connection takes over at once',
    fields: { heartbeatSeconds: Type.Integer({ minimum: 10, maximum: 3600 }) },
  }),
  'needs-uploaded-ca': declare({
    does: 'drops TLS connections silently until the root certificate has been uploaded to it',
    weDo: 'nothing reaches us to act on; the model page tells it to whoever installs the charger',
    fields: none,
  }),
  'sends-browser-origin': declare({
    does: 'sends an Origin header as a browser would',
    weDo: 'the handshake does not look at Origin: a charger proves itself by its credential',
    fields: { origin: Type.String({ minLength: 1, maxLength: 100 }) },
  }),
  'restarts-without-server': declare({
    does: 'restarts when it has been without its server for a while',
    weDo: 'a boot after an outage is taken as it comes and proves no reset of ours',
    fields: none,
  }),
  'misreads-hex-key': declare({
    does: 'sends the hex digits of its AuthorizationKey as text instead of the bytes they stand for',
    weDo: 'both forms of the key are recognised',
    fields: none,
  }),
}
