/** @file Replaces a table in a documentation page, between `<!-- name -->` and `<!-- /name -->`. */

/** @throws Error if the text has no such markers */
export function withTable(text: string, name: string, table: string): string {
  const markers = [`<!-- ${name} -->`, `<!-- /${name} -->`] as const;
  const [begin, end] = [text.indexOf(markers[0]), text.indexOf(markers[1])];
  if (begin < 0 || end < begin) throw new Error(`got a page without ${markers.join(' … ')}`);
  return `${text.slice(0, begin)}${markers[0]}\n\n${table}\n\n${text.slice(end)}`;
}
