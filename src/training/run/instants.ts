/**
 * @file Points in time as the files of this program tell them: ISO 8601 in UTC. A broken clock may lie before year 0 or
 * after 9999; such years take a sign and six digits, and can be read again.
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
  { error: 'no point in time in UTC, such as 2026-01-02T03:04:05Z' },
);

/** The time as files tell it. @param milliseconds since 1970; 0 stands for what is no time at all */
export function instant(milliseconds = Date.now()): string {
  const date = new Date(milliseconds);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** For people: `2026-01-02 03:04`. */
export function shownInstant(text: string): string {
  return text.replace(/^(.+)T(\d\d:\d\d).*$/, '$1 $2');
}

/** The order of two points in time, for `sort`. */
export function byInstant(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
