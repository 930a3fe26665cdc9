import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Wheel } from './wheel.ts'

test('everything runs once, not before its time and at most one tick after it', () => {
  const entries = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 100 })
  const steps = fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 60 })
  fc.assert(
    fc.property(entries, steps, (dueTimes, advances) => {
      const wheel = new Wheel(250, 0)
      const ran = new Map<number, number[]>()
      dueTimes.forEach((dueAt, index) => {
        ran.set(index, [])
        wheel.add({ dueAt, run: (now) => ran.get(index)?.push(now) })
      })
      let now = 0
      for (const step of advances) {
        const before = now
        now += step
        wheel.advance(now)
        dueTimes.forEach((dueAt, index) => {
          const times = ran.get(index) ?? []
          if (times.length > 0) assert.ok(times.length === 1 && (times[0] ?? 0) >= dueAt)
          else assert.ok(dueAt > now - 250, `due at ${dueAt}, not run at ${now} after ${before}`)
        })
      }
    }),
    { seed: 3 },
  )
})

test('what an entry adds while it runs is kept for its own time', () => {
  const wheel = new Wheel(100, 0)
  const ran: number[] = []
  const pulse = {
    dueAt: 100,
    run(now: number) {
      ran.push(now)
      this.dueAt = now + 1_000
      wheel.add(this)
    },
  }
  wheel.add(pulse)
  for (let now = 0; now <= 5_000; now += 100) wheel.advance(now)
  assert.deepEqual(ran, [100, 1_100, 2_100, 3_100, 4_100])
})

test('a clock that was stopped for hours runs everything that fell due meanwhile', () => {
  const wheel = new Wheel(250, 0)
  let ran = 0
  for (let entry = 0; entry < 1_000; entry++)
    wheel.add({ dueAt: entry * 997, run: () => (ran += 1) })
  wheel.advance(36_000_000)
  assert.equal(ran, 1_000)
})
