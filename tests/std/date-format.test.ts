import { describe, expect, test } from 'vitest'
import { DateFormatError, formatDate, Temporal } from '../../src/std/dates.ts'
import { mismatches, type Row, rows } from '../conformance/rows.ts'

interface Input {
  readonly value: string
  readonly format: string
}

const readers: Record<string, (text: string) => Parameters<typeof formatDate>[0]> = {
  datetime: (text) => Temporal.PlainDateTime.from(text),
  aware: (text) => Temporal.ZonedDateTime.from(`${text}[${/(?:Z|[+-]\d\d:\d\d)$/.exec(text)![0]}]`),
  date: (text) => Temporal.PlainDate.from(text),
  time: (text) => Temporal.PlainTime.from(text),
}

function outcome({ kind, input }: Row<Input>): unknown {
  try {
    return { output: formatDate(readers[kind]!(input.value), input.format) }
  } catch (error) {
    if (error instanceof DateFormatError) return { error: error.code }
    throw error
  }
}

describe('formatDate', () => {
  test.each(Object.keys(readers))("formats a %s as Django's date filter does", (kind) => {
    const all = rows<Input>('dateformat', kind)
    expect(all.length).toBeGreaterThan(0)
    expect(mismatches(all, outcome)).toEqual([])
  })

  const instant = new Date('2024-07-01T22:30:00Z')

  test('shows an instant in the time zone asked for', () => {
    expect(formatDate(instant, 'Y-m-d H:i')).toBe('2024-07-01 22:30')
    expect(formatDate(instant, 'Y-m-d H:i', { timeZone: 'Europe/Paris' })).toBe('2024-07-02 00:30')
    expect(formatDate(instant, 'N j, P', { timeZone: 'America/New_York' })).toBe('July 1, 6:30 p.m.')
  })

  test('knows summer time, offset and abbreviation of a zone', () => {
    expect(formatDate(instant, 'I O T', { timeZone: 'Europe/Paris' })).toBe('1 +0200 CEST')
    expect(formatDate(new Date('2024-01-01T00:00:00Z'), 'I O T', { timeZone: 'Europe/Paris' })).toBe('0 +0100 CET')
    expect(formatDate(new Date('2024-01-01T00:00:00Z'), 'I T', { timeZone: 'Australia/Sydney' })).toBe('1 AEDT')
    expect(formatDate(instant, 'O e', { timeZone: 'Asia/Kathmandu' })).toBe('+0545 +0545')
  })

  test('names months and days in another language', () => {
    expect(formatDate(instant, 'l j F Y', { language: 'fr' })).toBe('lundi 1 juillet 2024')
    expect(formatDate(Temporal.PlainDate.from('2024-03-03'), 'D j M', { language: 'de' })).toBe('So 3 Mär')
  })

  test('says what is wrong with a date that is none', () => {
    expect(() => formatDate(new Date('x'), 'Y')).toThrow(DateFormatError)
    expect(() => formatDate('2024-01-01' as never, 'Y')).toThrow('2024-01-01 is not a date or time.')
  })

  test('refuses the hour of a date and the day of a time', () => {
    expect(() => formatDate(Temporal.PlainDate.from('2024-01-01'), 'H:i')).toThrow('asks for a time of day')
    expect(() => formatDate(Temporal.PlainTime.from('10:00'), 'j')).toThrow('asks for a date')
  })
})
