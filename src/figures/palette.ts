/**
 * @file Colours of all figures: each has a tone for a white ground and one for a dark ground.
 */

/** A colour on either ground. */
export interface Tone {
  readonly light: string;
  readonly dark: string;
}

/** Ground and ink. */
export const NEUTRALS = {
  ground: { light: '#FFFFFF', dark: '#17191C' },
  band: { light: '#F1F1F1', dark: '#22252A' },
  faint: { light: '#E3E3E3', dark: '#3D4147' },
  ink: { light: '#222222', dark: '#E8E8E8' },
  quiet: { light: '#595959', dark: '#ADADAD' },
} as const satisfies Record<string, Tone>;

/**
 * Colours of series, in the order in which they are used. Blue and vermillion are those of Okabe and Ito. Any two are
 * told apart on either ground, by normal sight and with each kind of colour blindness, and each has a contrast of 3 or
 * more to its ground; a test computes both.
 */
export const HUES = {
  blue: { light: '#0072B2', dark: '#366BA8' },
  vermillion: { light: '#D55E00', dark: '#C13E23' },
  green: { light: '#055121', dark: '#52C9AC' },
  purple: { light: '#9B0E59', dark: '#B497E4' },
  brown: { light: '#997159', dark: '#F5A03A' },
  violet: { light: '#4D0AAC', dark: '#C3F9FD' },
  grey: { light: '#809199', dark: '#71766F' },
  black: { light: '#060600', dark: '#ECF5B0' },
} as const satisfies Record<string, Tone>;

/** By name, on a white ground. */
export const COLOURS = {
  blue: HUES.blue.light,
  vermillion: HUES.vermillion.light,
  green: HUES.green.light,
  purple: HUES.purple.light,
  brown: HUES.brown.light,
  violet: HUES.violet.light,
  grey: HUES.grey.light,
  black: HUES.black.light,
} as const;

/** Of series without a meaning of their own, in order. */
export const SERIES: readonly string[] = Object.values(COLOURS);

/** CSS rules that turn the colours of an SVG's attributes into those for a dark ground. @param scope a CSS selector */
export function darkRules(scope = ''): string {
  return [...Object.values(NEUTRALS), ...Object.values(HUES)]
    .flatMap(({ light, dark }) =>
      ['fill', 'stroke'].map((name) => `${scope} [${name}="${light}"] { ${name}: ${dark}; }`),
    )
    .join('\n');
}

/** Makes an SVG follow the reader's system, where it is shown by itself. */
export const DARK_STYLE = `<style>@media screen and (prefers-color-scheme: dark) {\n${darkRules()}\n}</style>`;

/** Puts {@link DARK_STYLE} into an SVG. */
export function withDarkStyle(svg: string): string {
  return svg.replace(/<svg\b[^>]*>/, (start) => start + DARK_STYLE);
}
