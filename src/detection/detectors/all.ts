import type { Detector } from '../detector.ts'
import { firstEver } from './first-ever.ts'
import { frequency } from './frequency.ts'
import { offHours } from './off-hours.ts'
import { refusals } from './refusals.ts'
import { sameFault } from './same-fault.ts'

export const detectors: readonly Detector[] = [frequency, firstEver, sameFault, refusals, offHours]
