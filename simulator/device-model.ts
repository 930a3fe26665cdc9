import type { InboundRequest, OutboundRequest, OutboundResponse } from '../src/ocpp/versions.ts'
import { isAcceptable } from './setting-values.ts'
import type { Variable } from './variables.ts'
import { stationVariables, variablesOfEvse } from './variables.ts'

export type GetData = OutboundRequest<'2.0.1', 'GetVariables'>['getVariableData'][number]
export type GetResult = OutboundResponse<'2.0.1', 'GetVariables'>['getVariableResult'][number]
export type SetData = OutboundRequest<'2.0.1', 'SetVariables'>['setVariableData'][number]
export type SetResult = OutboundResponse<'2.0.1', 'SetVariables'>['setVariableResult'][number]
export type ReportData = NonNullable<InboundRequest<'2.0.1', 'NotifyReport'>['reportData']>[number]
type Component = GetData['component']

/** Values that are measured rather than stored, e.g. an availability state. */
export type LiveValue = (variable: Variable) => string | undefined

/** The device model of one 2.x charger: the catalogue is shared, only changed values take memory. */
export class DeviceModel {
  readonly #variables: readonly Variable[]
  readonly #live: LiveValue
  readonly #stored = new Map<string, string>()
  readonly #inEffect = new Map<string, string>()

  constructor(evses: number, given: Readonly<Record<string, string>>, live: LiveValue) {
    this.#variables = variablesFor(evses)
    this.#live = live
    for (const [path, value] of Object.entries(given)) this.#stored.set(path.toLowerCase(), value)
  }

  /** The value in effect of `Component.Variable`, or `Component.Variable[instance]`; empty when unknown. */
  value(path: string): string {
    const name = path.toLowerCase()
    const known = this.#inEffect.get(name) ?? this.#stored.get(name)
    return known ?? byPath(this.#variables).get(name)?.value ?? ''
  }

  number(path: string): number {
    return Number(this.value(path))
  }

  isOn(path: string): boolean {
    return this.value(path).toLowerCase() === 'true'
  }

  get(data: GetData): GetResult {
    const { component, variable, attributeType } = data
    const echo = {
      component,
      variable,
      ...(attributeType === undefined ? {} : { attributeType }),
    }
    const found = this.#find(component, variable)
    if (typeof found === 'string') return { ...echo, attributeStatus: found }
    if ((attributeType ?? 'Actual') !== 'Actual') {
      return { ...echo, attributeStatus: 'NotSupportedAttributeType' }
    }
    if (found.access === 'WriteOnly') return { ...echo, attributeStatus: 'Rejected' }
    return { ...echo, attributeStatus: 'Accepted', attributeValue: this.#read(found) }
  }

  /** What SetVariables would be answered for one variable. */
  judge(data: SetData): SetResult {
    const { component, variable, attributeType, attributeValue } = data
    const echo = {
      component,
      variable,
      ...(attributeType === undefined ? {} : { attributeType }),
    }
    const found = this.#find(component, variable)
    if (typeof found === 'string') return { ...echo, attributeStatus: found }
    if ((attributeType ?? 'Actual') !== 'Actual') {
      return { ...echo, attributeStatus: 'NotSupportedAttributeType' }
    }
    if (found.access === 'ReadOnly' || !isAcceptable(attributeValue, found.kind)) {
      return { ...echo, attributeStatus: 'Rejected' }
    }
    return { ...echo, attributeStatus: found.reboot === true ? 'RebootRequired' : 'Accepted' }
  }

  store(data: SetData): void {
    const found = this.#find(data.component, data.variable)
    if (typeof found === 'string') return
    const path = found.path.toLowerCase()
    if (found.reboot === true && !this.#inEffect.has(path)) {
      this.#inEffect.set(path, this.value(path))
    }
    this.#stored.set(path, data.attributeValue)
  }

  /** Changes a value from within the charger. */
  put(path: string, value: string): void {
    this.#stored.set(path.toLowerCase(), value)
  }

  /** A restart puts every stored value into effect. */
  restarted(): void {
    this.#inEffect.clear()
  }

  /** The entries of a base report (2.0.1 B07). */
  baseReport(base: 'ConfigurationInventory' | 'FullInventory' | 'SummaryInventory'): ReportData[] {
    return this.#variables
      .filter((variable) => {
        if (base === 'FullInventory') return true
        if (base === 'ConfigurationInventory') return variable.access !== 'ReadOnly'
        return variable.variable.name === 'AvailabilityState'
      })
      .map((variable) => this.#describe(variable))
  }

  /** The entries matching any of the given components and variables; all variables when none is given. */
  report(
    wanted: readonly { component: Component; variable?: GetData['variable'] }[],
  ): ReportData[] {
    return this.#variables
      .filter(
        (variable) =>
          wanted.length === 0 ||
          wanted.some(
            (want) =>
              isComponent(variable, want.component, false) &&
              (want.variable === undefined || isVariable(variable, want.variable)),
          ),
      )
      .map((variable) => this.#describe(variable))
  }

  #read(variable: Variable): string {
    const stored = this.#stored.get(variable.path.toLowerCase())
    return this.#live(variable) ?? stored ?? variable.value
  }

  #find(
    component: Component,
    variable: GetData['variable'],
  ): Variable | 'UnknownComponent' | 'UnknownVariable' {
    const here = this.#variables.filter((candidate) => isComponent(candidate, component, true))
    if (here.length === 0) return 'UnknownComponent'
    return here.find((candidate) => isVariable(candidate, variable)) ?? 'UnknownVariable'
  }

  #describe(variable: Variable): ReportData {
    const { kind } = variable
    const value = variable.access === 'WriteOnly' ? {} : { value: this.#read(variable) }
    return {
      component: variable.component,
      variable: variable.variable,
      variableAttribute: [
        { type: 'Actual', ...value, mutability: variable.access, persistent: true },
      ],
      variableCharacteristics: {
        dataType: dataTypes[kind.kind],
        supportsMonitoring: false,
        ...(kind.kind === 'integer' && kind.min !== undefined ? { minLimit: kind.min } : {}),
        ...(kind.kind === 'integer' && kind.max !== undefined ? { maxLimit: kind.max } : {}),
        ...('values' in kind ? { valuesList: kind.values.join(',') } : {}),
      },
    }
  }
}

const dataTypes = {
  text: 'string',
  integer: 'integer',
  boolean: 'boolean',
  measurands: 'MemberList',
  'one-of': 'OptionList',
  'list-of': 'MemberList',
} as const

const catalogues = new Map<number, readonly Variable[]>()

function variablesFor(evses: number): readonly Variable[] {
  let catalogue = catalogues.get(evses)
  if (catalogue === undefined) {
    const each = Array.from({ length: evses }, (_, index) => variablesOfEvse(index + 1))
    catalogue = [...stationVariables, ...each.flat()]
    catalogues.set(evses, catalogue)
  }
  return catalogue
}

const paths = new WeakMap<readonly Variable[], ReadonlyMap<string, Variable>>()

function byPath(variables: readonly Variable[]): ReadonlyMap<string, Variable> {
  let map = paths.get(variables)
  if (map === undefined) {
    map = new Map(variables.map((variable) => [variable.path.toLowerCase(), variable]))
    paths.set(variables, map)
  }
  return map
}

/** Names compare without case (2.0.1 part 1 4.3). In a report a component without EVSE means all EVSEs. */
function isComponent(variable: Variable, wanted: Component, exact: boolean): boolean {
  const { component } = variable
  if (component.name.toLowerCase() !== wanted.name.toLowerCase()) return false
  if ((wanted.instance ?? '').toLowerCase() !== (component.instance ?? '').toLowerCase()) {
    return false
  }
  if (wanted.evse === undefined) return !exact || component.evse === undefined
  if (component.evse?.id !== wanted.evse.id) return false
  return wanted.evse.connectorId === undefined
    ? !exact || component.evse.connectorId === undefined
    : component.evse.connectorId === wanted.evse.connectorId
}

function isVariable(variable: Variable, wanted: GetData['variable']): boolean {
  return (
    variable.variable.name.toLowerCase() === wanted.name.toLowerCase() &&
    (variable.variable.instance ?? '').toLowerCase() === (wanted.instance ?? '').toLowerCase()
  )
}
