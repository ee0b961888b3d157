/**
 * @file Formats points in time for files: ISO 8601 in UTC. Years before 0 or after 9999, of a broken clock, have a sign and
 * six digits.
 */
import { z } from 'zod';

/** `+010000-01-01T00:00:00.000Z`, as JavaScript writes it. */
const EXPANDED = /^[+-]\d{6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A point in time, such as 2026-01-02T03:04:05.678Z. */
export const Instant = z.union(
  [
    z.iso.datetime(),
    z
      .string()
      .regex(EXPANDED)
      .refine((text) => !Number.isNaN(Date.parse(text))),
  ],
  { error: 'a point in time in UTC is expected, such as 2026-01-02T03:04:05Z' },
);

/** Formats a time. @param milliseconds since 1970; an invalid time becomes 0 */
export function instant(milliseconds = Date.now()): string {
  const date = new Date(milliseconds);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** For people: `2026-01-02 03:04`. */
export function shownInstant(text: string): string {
  return text.replace(/^(.+)T(\d\d:\d\d).*$/, '$1 $2');
}

/** Compares two points in time, for `sort`. */
export function byInstant(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
