/**
 * @file Builds the rows of the settings table: a schema for files and the library, joined with what flags, messages and
 * documentation say about the setting.
 */
import { z } from 'zod';
import type { Architecture } from '../models/networks/architectures.js';
import { type Bounds, numberSchema, outOfBounds, takes } from './bounds.js';
import type { Loss, LossName } from './losses.js';

/** What a setting's default and its validation depend on. */
export interface SettingContext {
  readonly lossName: LossName;
  readonly loss: Loss;
  readonly architecture: Architecture;
  /** Spectral normalisation bounds the discriminator. */
  readonly isSpectral: boolean;
}

/** One setting. Method syntax, so that rows of all types fit one list. */
export interface SettingRow<Value> {
  /** The flag and its placeholder: `--gp-weight <weight>`; a toggle has no placeholder. */
  readonly flag: string;
  /** Names the setting in the summary of a run. */
  readonly label: string;
  /** For `--help`, the JSON Schema and docs/losses.md; the default is added to it. */
  readonly help: string;
  /** The value if none is requested. */
  default(context: SettingContext): Value;
  /** Describes the default where it follows from no loss and no architecture. */
  readonly defaultText?: string;
  /** The value that changes nothing: all losses and architectures take it. */
  readonly neutral?: Value;
  /** The losses that take the setting, and what the others lack: `--loss bce …`. */
  readonly losses?: { takes(loss: Loss): boolean; readonly lack: string };
  /** Needs both networks to be trained jointly, see {@link Architecture.schedule}. */
  readonly needsJoint?: true;
  /** Needs another setting. */
  readonly needs?: { readonly name: string; readonly because: string };
  /** Why the value does not fit the loss or the architecture; undefined if it fits. */
  refuse?(value: Value, context: SettingContext): string | undefined;
  /** A file stores the value only if it was requested: the default may change with the program. */
  readonly isStoredOnlyIfRequested?: true;
  /** The word by which a flag requests no value where the command has a default of its own. */
  readonly noneWord?: string;
}

/** The values that a setting takes. */
export type Values =
  | { readonly kind: 'number'; readonly bounds: Bounds }
  | { readonly kind: 'choice' | 'list'; readonly names: readonly string[] }
  | { readonly kind: 'toggle' };

interface Typed<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly values: Values;
}

/** A number within bounds. */
export function number(bounds: Bounds): Typed<z.ZodNumber> {
  return { schema: numberSchema(bounds), values: { kind: 'number', bounds } };
}

/** One of several names. */
export function choice<const Name extends string>(names: readonly Name[]) {
  return { schema: z.enum(names), values: { kind: 'choice', names } } as const;
}

/** Some of several names, in their order and each once: lists that mean the same are equal. */
export function list<const Name extends string>(names: readonly Name[]) {
  const inOrder = (requested: Name[]): Name[] => names.filter((name) => requested.includes(name));
  return {
    schema: z.array(z.enum(names)).overwrite(inOrder).readonly(),
    values: { kind: 'list', names },
  } as const;
}

/** On or off. */
export function toggle(): Typed<z.ZodBoolean> {
  return { schema: z.boolean(), values: { kind: 'toggle' } };
}

/** By schema, which carries the type. */
const rows = new Map<z.ZodType, { readonly row: SettingRow<unknown>; readonly values: Values }>();

/** A setting that always has a value. */
export function setting<Schema extends z.ZodType>(
  { schema, values }: Typed<Schema>,
  row: SettingRow<z.output<Schema>>,
): Schema {
  const described = schema.describe(row.help);
  rows.set(described, { row, values });
  return described;
}

/** A setting that is off without a value. */
export function optionalSetting<Schema extends z.ZodType>(
  { schema, values }: Typed<Schema>,
  row: SettingRow<z.output<Schema> | undefined>,
): z.ZodOptional<Schema> {
  const described = schema.optional().describe(row.help);
  rows.set(described, { row, values });
  return described;
}

/** A row of the table with its name and values. */
export interface Setting<Name extends string = string> extends SettingRow<unknown> {
  readonly name: Name;
  readonly values: Values;
  /** Without its placeholder. */
  readonly flagName: string;
}

/** The rows of a table, in its order. */
export function settingsOf<Name extends string>(
  names: readonly Name[],
  table: Readonly<Record<Name, z.ZodType>>,
): readonly Setting<Name>[] {
  return names.map((name) => {
    const found = rows.get(table[name]);
    if (found === undefined) throw new Error(`the setting ${name} has no row`);
    return { ...found.row, name, values: found.values, flagName: found.row.flag.replace(/ .*/, '') };
  });
}

/** What a setting takes instead of a value that it does not take; undefined for a value that it takes. */
export function valueProblem(values: Values, value: unknown): string | undefined {
  switch (values.kind) {
    case 'number':
      return typeof value === 'number' ? outOfBounds(value, values.bounds) : takes(values.bounds);
    case 'toggle':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'choice':
      return isName(values.names, value) ? undefined : `one of ${values.names.join(', ')}`;
    case 'list':
      return Array.isArray(value) && value.every((each) => isName(values.names, each))
        ? undefined
        : `some of ${values.names.join(', ')}`;
  }
}

function isName(names: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && names.includes(value);
}
