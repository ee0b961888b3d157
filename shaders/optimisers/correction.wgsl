// Writes 1 - βᵗ to memory, for an Adam update made of differentiable operations. Joined behind biasCorrection.wgsl.
//
// @binding(0) updates: array<u32>     read: one word; t, the number of updates with this one, is that plus `ahead`
// @binding(1) correction: array<f32>  written: one value
// @binding(2) params: ahead, logBeta = ln β

struct Params { ahead: u32, logBeta: f32 }

@group(0) @binding(0) var<storage, read> updates: array<u32>;
@group(0) @binding(1) var<storage, read_write> correction: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  correction[0] = biasCorrection(f32(updates[0] + params.ahead), params.logBeta);
}
