/**
 * @file Builds the rows of the tables of settings: a schema for files and the library, joined with what flags, messages and
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

/** What all tables hold about a setting. */
export interface FlagRow {
  /** The flag and its placeholder: `--gp-weight <weight>`; a toggle has no placeholder. */
  readonly flag: string;
  /** For `--help`, the JSON Schema and the documentation; the default is added to it. */
  readonly help: string;
  /** The word by which a flag requests no value where the command has a default of its own. */
  readonly noneWord?: string;
}

/** A setting of an objective. Method syntax, so that rows of all types fit one list. */
export interface SettingRow<Value> extends FlagRow {
  /** Names the setting in the summary of a run. */
  readonly label: string;
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
}

/** The values that a setting takes. */
export type Values =
  | { readonly kind: 'number'; readonly bounds: Bounds; /** Accepted besides numbers. */ readonly word?: string }
  | { readonly kind: 'choice' | 'list'; readonly names: readonly string[] }
  | { readonly kind: 'toggle' | 'text' };

/** A schema, and the values that it accepts. */
export interface Typed<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly values: Values;
}

/** A number within bounds. */
export function number(bounds: Bounds): Typed<z.ZodNumber> {
  return { schema: numberSchema(bounds), values: { kind: 'number', bounds } };
}

/** A number within bounds, or a word. */
export function numberOr<const Word extends string>(word: Word, bounds: Bounds) {
  const schema = z.union([numberSchema(bounds), z.literal(word)]);
  return { schema, values: { kind: 'number', bounds, word } } as const;
}

/** Any text. */
export function text(): Typed<z.ZodString> {
  return { schema: z.string(), values: { kind: 'text' } };
}

/** One of several names. A file may hold others, which another version wrote. */
export function knownName(names: readonly string[]): Typed<z.ZodString> {
  return { schema: z.string(), values: { kind: 'choice', names } };
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

/** A row of a table with its name and values. */
export type Named<Row extends FlagRow, Name extends string = string> = Row & {
  readonly name: Name;
  readonly values: Values;
  /** Without its placeholder. */
  readonly flagName: string;
};

/** Joins the schemas of a table with their rows. */
export class SettingRows<Row extends FlagRow> {
  /** By schema, which carries the type of the value. */
  private readonly rows = new Map<z.ZodType, { readonly row: Row; readonly values: Values }>();

  /** The schema with a description. */
  add<Schema extends z.ZodType>(schema: Schema, values: Values, row: Row, description = row.help): Schema {
    const described = schema.describe(description);
    this.rows.set(described, { row, values });
    return described;
  }

  /** The rows of a table, in the order of the names. @throws Error for a schema without a row */
  of<Name extends string>(names: readonly Name[], table: Readonly<Record<Name, z.ZodType>>): Named<Row, Name>[] {
    return names.map((name) => {
      const found = this.rows.get(table[name]);
      if (found === undefined) throw new Error(`the setting ${name} has no row`);
      return { ...found.row, name, values: found.values, flagName: found.row.flag.replace(/ .*/, '') };
    });
  }
}

const rows = new SettingRows<SettingRow<unknown>>();

/** A setting of an objective that always has a value. */
export function setting<Schema extends z.ZodType>(
  { schema, values }: Typed<Schema>,
  row: SettingRow<z.output<Schema>>,
): Schema {
  return rows.add(schema, values, row);
}

/** A setting of an objective that is off without a value. */
export function optionalSetting<Schema extends z.ZodType>(
  { schema, values }: Typed<Schema>,
  row: SettingRow<z.output<Schema> | undefined>,
): z.ZodOptional<Schema> {
  return rows.add(schema.optional(), values, row);
}

/** A row of the table of an objective with its name and values. */
export type Setting<Name extends string = string> = Named<SettingRow<unknown>, Name>;

/** The rows of the table of an objective, in its order. */
export function settingsOf<Name extends string>(
  names: readonly Name[],
  table: Readonly<Record<Name, z.ZodType>>,
): readonly Setting<Name>[] {
  return rows.of(names, table);
}

/** What a setting takes instead of a value that it does not take; undefined for a value that it takes. */
export function valueProblem(values: Values, value: unknown): string | undefined {
  switch (values.kind) {
    case 'number':
      if (values.word !== undefined && value === values.word) return undefined;
      return typeof value === 'number' ? outOfBounds(value, values.bounds) : takes(values.bounds);
    case 'toggle':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'text':
      return typeof value === 'string' ? undefined : 'text';
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
