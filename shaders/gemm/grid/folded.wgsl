// The tile that a workgroup owns, where one row or column of tiles is longer than an axis of a grid: the tiles are
// numbered row by row, and the grid holds the numbers in rows of GRID_WIDTH. Behind the last tile lie workgroups whose
// rows of C do not exist; they store nothing.
//
// Constants: TILES_ACROSS (tiles along the columns and phases), GRID_WIDTH (workgroups along x).

fn tileOf(group: vec3u) -> vec2u {
  let number = group.y * GRID_WIDTH + group.x;
  return vec2u(number % TILES_ACROSS, number / TILES_ACROSS);
}
