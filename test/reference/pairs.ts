/**
 * @file What is made of all pairs of two sets of points, straight from the definitions.
 */

/** Points as rows. */
export type Rows64 = readonly (readonly number[])[];

export function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The k least squared distances of each query, ascending; `same` leaves out the point itself. */
export function nearest(queries: Rows64, candidates: Rows64, k: number, same: boolean): number[][] {
  return queries.map((query, q) => {
    const distances = candidates
      .filter((_, c) => !same || c !== q)
      .map((candidate) => squaredDistance(query, candidate));
    return distances.sort((a, b) => a - b).slice(0, k);
  });
}

/** How many candidates each query meets within a squared radius that may depend on either. */
function countWithin(
  queries: Rows64,
  candidates: Rows64,
  radius: (query: number, candidate: number) => number,
): number[] {
  return queries.map((query, q) => {
    return candidates.filter((candidate, c) => squaredDistance(query, candidate) <= radius(q, c)).length;
  });
}

/** Precision, recall, density and coverage. */
export function neighbourMetrics(real: Rows64, fake: Rows64, k: number) {
  const radii = (rows: Rows64): number[] => nearest(rows, rows, k, true).map((distances) => distances[k - 1]!);
  const [realRadii, fakeRadii] = [radii(real), radii(fake)];
  const share = (counts: number[]): number => counts.filter((count) => count > 0).length / counts.length;
  const ofFake = countWithin(fake, real, (_, r) => realRadii[r]!);
  return {
    precision: share(ofFake),
    recall: share(countWithin(real, fake, (_, f) => fakeRadii[f]!)),
    density: ofFake.reduce((sum, count) => sum + count, 0) / (k * fake.length),
    coverage: share(countWithin(real, fake, (r) => realRadii[r]!)),
  };
}

/** Mean of (x·y / d + 1)³ over pairs of different points. */
function meanKernel(a: Rows64, b: Rows64, same: boolean): number {
  let [sum, count] = [0, 0];
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      if (same && i === j) return;
      sum += (dot(x, y) / x.length + 1) ** 3;
      count++;
    });
  });
  return sum / count;
}

/** KID's unbiased estimate of the squared maximum mean discrepancy. */
export function kernelDistance(a: Rows64, b: Rows64): number {
  return meanKernel(a, a, true) + meanKernel(b, b, true) - 2 * meanKernel(a, b, false);
}

export function mean(rows: Rows64): number[] {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

/** Over n − 1; row-major. */
export function covariance(rows: Rows64): number[] {
  const center = mean(rows);
  return center.flatMap((_, i) =>
    center.map((__, j) => {
      const sum = rows.reduce((total, row) => total + (row[i]! - center[i]!) * (row[j]! - center[j]!), 0);
      return sum / (rows.length - 1);
    }),
  );
}
