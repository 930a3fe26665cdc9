import type { Clock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log.ts'
import type { Version } from '../src/ocpp/versions.ts'
import type { SimulationOptions, Snapshot } from './charger.ts'
import type { Counters, ReceivedCall } from './counters.ts'
import { FileJobs } from './file-jobs.ts'
import { Line } from './line.ts'
import { Listeners } from './listeners.ts'
import type { LocalList } from './local-list.ts'
import { emptyList } from './local-list.ts'
import type { Outgoing } from './outbox.ts'
import type { Persona } from './personas.ts'
import type { ClientIdentity } from './own-certificate.ts'
import { Power } from './power.ts'
import type { Profile } from './profiles.ts'
import { limitsOf } from './limits.ts'
import { judgeToken } from './tokens.ts'
import type { Random } from './random.ts'
import { seededRandom } from './random.ts'
import { Rhythm } from './rhythm.ts'
import { snapshotOf } from './snapshot.ts'
import type { Body, BootStatus, Speaker, StartedBy, TokenVerdict } from './speaker.ts'
import { Speaker16 } from './speaker-16.ts'
import { Speaker2x } from './speaker-2x.ts'
import type { ChargerState } from './state.ts'
import { evseOf, mayBegin, newCharger, nextDeadline, runningTransactions } from './state.ts'
import type { Happening } from './stage.ts'
import type { Input } from './transitions.ts'
import { step } from './transitions.ts'

const defaultWatts = 11_000

/** The inside of a virtual charger: holds its state, plays inputs on it, and tells what happened. */
export class VirtualCharger implements Body {
  readonly identity: string
  readonly version: Version
  readonly vendor: string
  readonly model: string
  readonly serialNumber: string
  firmware: string
  readonly jobs: FileJobs = new FileJobs(this)
  readonly clock: Clock
  readonly random: Random
  readonly listeners = new Listeners()
  state: ChargerState
  profiles: readonly Profile[] = []
  list: LocalList = emptyList

  readonly #options: SimulationOptions
  readonly #rhythm: Rhythm
  readonly #line: Line
  readonly #speaker: Speaker
  readonly #power: Power
  /** What was last told of each EVSE, 0 for the charger; undefined: to be told again. */
  #told: (string | undefined)[] = []
  #persona: Persona
  #stopped = false

  constructor(options: SimulationOptions, persona: Persona) {
    this.#options = options
    this.#persona = persona
    this.identity = options.identity
    this.version = options.version
    this.vendor = options.vendor ?? persona.is?.vendor ?? 'OTA Lab'
    this.model = options.model ?? persona.is?.model ?? `Lab ${options.version}`
    this.firmware = options.firmware ?? persona.is?.firmware ?? '1.0.0'
    this.serialNumber = `SN-${options.identity}`.slice(0, 25)
    this.clock = options.clock
    this.random = seededRandom(`${options.seed}/${options.identity}`)
    this.#rhythm = new Rhythm(options.clock)
    const settings = options.settings ?? {}
    const evses = options.connectors ?? 1
    const maxWatts = options.maxWatts ?? defaultWatts
    this.#speaker =
      options.version === '1.6'
        ? new Speaker16(this, evses, maxWatts, settings)
        : new Speaker2x(this, evses, maxWatts, settings)
    this.state = newCharger(evses, maxWatts, options.clock.now())
    this.#line = new Line({
      options,
      clock: options.clock,
      log: (options.log ?? silentLog).child({ charger: options.identity }),
      random: this.random,
      listeners: this.listeners,
      speaker: this.#speaker,
      persona: () => this.#persona,
      onBooted: () => this.#tellStatuses(true),
      onReopened: (offlineForMs) =>
        this.#tellStatuses(offlineForMs > this.#speaker.conduct().offlineThresholdMs),
      onDelivered: () => this.#power.leaveIfDone(),
      crash: () => this.cutPower(),
      endSessions: () => this.#endSessions(),
    })
    this.#power = new Power({
      rebootMs: options.rebootMs ?? 3_000,
      rhythm: this.#rhythm,
      random: this.random,
      line: this.#line,
      persona: () => this.#persona,
      apply: (input) => this.apply(input),
      state: () => this.state,
      onLeaving: () => this.listeners.emit('restarting', undefined),
      onOff: () => void (this.#told = []),
      onPower: () => {
        this.#line.restarted()
        this.#speaker.restarted()
      },
      onAwake: () => {
        this.limitsChanged()
        this.#armSamples()
      },
    })
  }

  get counters(): Counters {
    return this.#line.counters
  }

  get received(): ReceivedCall[] {
    return this.#line.received
  }

  start(): Promise<void> {
    this.#power.armWhims()
    return this.#line.connection.powerOn('PowerUp')
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#rhythm.close()
    await this.#line.destroy()
  }

  get isConnected(): boolean {
    return this.#line.isOpen
  }

  get isOnline(): boolean {
    return this.#line.connection.isOnline
  }

  get bootStatus(): BootStatus {
    return this.#line.connection.bootStatus
  }

  get fakesFirmware(): boolean {
    return this.#persona.fakesFirmware === true
  }

  get keepsCertificate(): boolean {
    return this.#persona.keepsCertificate === true
  }

  get spoilsRequests(): boolean {
    return this.#persona.spoilsRequests === true
  }

  get losesReportPart(): number | undefined {
    return this.#persona.losesReportPart
  }

  at(moment: string, deed: () => void): void {
    const wait = Date.parse(moment) - this.clock.now()
    if (wait > 0) this.clock.after(wait, () => !this.#stopped && deed())
    else deed()
  }

  get hasKept(): boolean {
    return this.#line.outbox.waiting > 0
  }

  stamp(at?: number): string {
    return this.#line.localClock.stamp(at)
  }

  apply(input: Input): void {
    if (this.#stopped) return
    const { state, happenings } = step(this.state, input, this.#speaker.conduct(), this.clock.now())
    this.state = state
    for (const happening of happenings) this.#tell(happening)
    this.#tellStatuses(false)
    if (happenings.some(({ what }) => what === 'started' || what === 'ended')) this.limitsChanged()
    this.#armDeadline()
    this.listeners.changed()
  }

  send(message: Outgoing): void {
    if (this.#line.isOpen) this.#line.outbox.send(message)
  }

  keep(message: Outgoing): void {
    this.#line.outbox.keep(message)
  }

  bootAgain(): void {
    this.#line.connection.boot()
  }

  heartbeatNow(): void {
    this.#line.connection.heartbeat(true)
  }

  reportStatus(evse: number, provoked: boolean): void {
    const key = this.#speaker.statusKey(evse)
    if (key === undefined) return
    this.#told[evse] = key
    this.send({
      action: 'StatusNotification',
      provoked,
      payload: constant(this.#speaker.status(evse)),
      settled: ({ end }) => {
        if (end === 'lost') this.#told[evse] = undefined
      },
    })
  }

  async presentToken(id: number, token: string): Promise<boolean> {
    const running = evseOf(this.state, id)?.transaction
    if (running?.token === undefined) {
      return this.authorise(id, token, { trigger: 'Authorized', trusted: false })
    }
    const mine = running.token.toLowerCase() === token.toLowerCase()
    const group = mine ? undefined : (await this.#judge(token)).group
    if (!mine && (group === undefined || group !== running.group)) return false
    this.apply({ do: 'stop', evse: id, reason: 'local', trigger: 'StopAuthorized' })
    return true
  }

  async authorise(id: number, token: string, via: StartedBy): Promise<boolean> {
    const verdict = via.trusted ? { accepted: true, group: undefined } : await this.#judge(token)
    const evse = evseOf(this.state, id)
    if (!verdict.accepted || evse === undefined) return false
    if (!mayBegin(this.state, evse, token, verdict.group)) return false
    this.apply({
      do: 'authorise',
      evse: id,
      token,
      group: verdict.group,
      remoteStartId: via.remoteStartId,
      until: this.clock.now() + this.#speaker.conduct().connectionTimeoutMs,
      trigger: via.trigger,
    })
    return true
  }

  #judge(token: string): Promise<TokenVerdict> {
    return judgeToken(token, this.#speaker, this.list, this.isOnline, this.clock.now(), (settled) =>
      this.send({
        action: 'Authorize',
        payload: () => this.#speaker.authorize(token),
        settled,
      }),
    )
  }

  limitsChanged(): void {
    const { maxWatts } = this.#speaker.conduct()
    const profiles = this.#persona.ignoresLimits === true ? [] : this.profiles
    const { limits, nextTurnMs } = limitsOf(this.state, profiles, this.clock.now(), maxWatts)
    for (const { evse, watts } of limits) this.apply({ do: 'limit', evse, watts })
    if (nextTurnMs === undefined) this.#rhythm.cancel('limits')
    else this.#rhythm.once('limits', nextTurnMs, () => this.limitsChanged())
  }

  settingsChanged(): void {
    this.#line.connection.beat()
    this.#rhythm.cancel('sample')
    this.#armSamples()
  }

  unlocked(evse: number): void {
    const { pullsCableAfterUnlockMs } = this.#options
    if (pullsCableAfterUnlockMs === undefined) return
    this.#rhythm.once(`pull-${evse}`, pullsCableAfterUnlockMs, () =>
      this.apply({ do: 'unplug', evse }),
    )
  }

  changeCertificate(identity: ClientIdentity): void {
    this.#line.connection.changeCertificate(identity)
  }

  changePassword(password: string | Uint8Array): void {
    this.#line.connection.changePassword(password)
  }

  goOffline(): void {
    this.#line.connection.goOffline()
  }

  goOnline(): void {
    this.#line.connection.goOnline()
  }

  changeNetwork(): void {
    this.#line.connection.changeNetwork()
  }

  cutPower(): void {
    this.#power.fail('PowerUp')
  }

  #endSessions(): void {
    for (const { evse } of runningTransactions(this.state))
      this.apply({ do: 'stop', evse, reason: 'fault', trigger: 'AbnormalCondition' })
  }

  become(persona: Persona): void {
    this.#persona = persona
    this.#power.armWhims()
  }

  setting(name: string): string {
    return this.#speaker.setting(name)
  }

  snapshot(): Snapshot {
    return snapshotOf(this, this.#line, this.#speaker)
  }

  #tell(happening: Happening): void {
    if (happening.what === 'restart') return this.#power.leave(happening.evse, happening.graceful)
    if (happening.what === 'started') this.counters.sessionsStarted += 1
    if (happening.what === 'ended') {
      this.counters.sessionsEnded += 1
      const { key } = happening.transaction
      this.profiles = this.profiles.filter((profile) => profile.transactionKey !== key)
    }
    this.#speaker.tell(happening)
    if (happening.what === 'started') this.#armSamples()
  }

  #tellStatuses(all: boolean): void {
    if (!this.isOnline || this.state.restarting !== undefined) return
    for (let evse = 0; evse <= this.state.evses.length; evse++) {
      if (all || this.#told[evse] !== this.#speaker.statusKey(evse)) this.reportStatus(evse, false)
    }
  }

  #armDeadline(): void {
    const at = nextDeadline(this.state)
    if (at === undefined) return this.#rhythm.cancel('deadline')
    const wait = Math.max(0, at - this.clock.now())
    this.#rhythm.once('deadline', wait, () => this.apply({ do: 'time' }))
  }

  #armSamples(): void {
    const { sampleIntervalMs, alignedIntervalMs } = this.#speaker.conduct()
    const running = (): boolean => runningTransactions(this.state).length > 0
    if (running() && !this.#rhythm.runs('sample')) {
      this.#rhythm.repeat('sample', sampleIntervalMs, () => {
        if (!running()) return this.#rhythm.cancel('sample')
        for (const { evse } of runningTransactions(this.state)) this.#speaker.sample(evse)
      })
    }
    if (alignedIntervalMs <= 0) return this.#rhythm.cancel('aligned')
    const untilNext = alignedIntervalMs - (this.clock.now() % alignedIntervalMs)
    this.#rhythm.once('aligned', untilNext, () => {
      if (this.isOnline) for (const { id } of this.state.evses) this.#speaker.sampleAligned(id)
      this.#armSamples()
    })
  }
}

function constant(payload: object): () => object {
  return () => payload
}
