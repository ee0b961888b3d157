// The tile that a workgroup owns: x counts tiles along the columns and phases, y along the rows. See folded.wgsl.

fn tileOf(group: vec3u) -> vec2u {
  return group.xy;
}
