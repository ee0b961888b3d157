// One step of Adam, in place: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1, with the decoupled
// weight decay of Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101.
//
//   m += (1 - β₁) (g - m);  v += (1 - β₂) (g² - v)
//   θ = θ (1 - lr · decay) - lr · m / (1 - β₁ᵗ) / (sqrt(v / (1 - β₂ᵗ)) + ε)
//
// Prelude: ADVANCES: the dispatch raises the count of updates by 1. STEP_FROM_VALUE_1, STEP_FROM_VALUE_2: see runningMean.wgsl.
//
// Layout: any, as vec4f of four consecutive values (a "quad").
//
// @binding(0) parameter: array<vec4f>     read and written
// @binding(1) gradient: array<vec4f>      read
// @binding(2) firstMoment: array<vec4f>   read and written
// @binding(3) secondMoment: array<vec4f>  read and written
// @binding(4) counter: array<u32>         read; with ADVANCES written. Word 0: updates done; t = word 0 + `ahead`. Word 1 counts
//                                         the workgroups that have read word 0, and is 0 between dispatches
// From binding 5 on, rateFixed.wgsl or rateScheduled.wgsl, which goes in front, declares the learning rate's inputs and
// params: quads, span, ahead, learningRate, epsilon, beta1 = β₁, beta2 = β₂, share1 = 1 - β₁, share2 = 1 - β₂,
// log1 = ln β₁, log2 = ln β₂, ...
//
// A workgroup owns a run of 64 span quads; invocation i of it owns those at i, i + 64, i + 128, ... So neighbours own
// neighbouring quads, the run is contiguous for a CPU's caches too, and the bias corrections are computed once for
// span quads. All parameters of a model in one buffer make one dispatch. It is bound by memory: 4 reads and 3 writes
// a parameter.
//
// Joined behind biasCorrection.wgsl and runningMean.wgsl.

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> firstMoment: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> secondMoment: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> counter: array<atomic<u32>>;

var<workgroup> done: u32;

// The updates done before this dispatch. With ADVANCES the last workgroup to read the count raises it: all others have read it
// by then. Each read ends at a barrier before its workgroup is counted.
fn updatesDone(lane: u32, workgroups: u32) -> u32 {
  if (lane == 0u) {
    done = atomicLoad(&counter[0]);
  }
  let count = workgroupUniformLoad(&done);
  if (ADVANCES && lane == 0u && atomicAdd(&counter[1], 1u) == workgroups - 1u) {
    atomicStore(&counter[1], 0u);
    atomicStore(&counter[0], count + 1u);
  }
  return count;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let update = updatesDone(lane, groups.x * groups.y) + params.ahead;
  let first = (group.y * groups.x + group.x) * 64u * params.span + lane;
  if (first >= params.quads) {
    return;
  }
  let t = f32(update);
  let learningRate = learningRateOf(update);
  let keep = keepOf(learningRate);
  let rate = learningRate / biasCorrection(t, params.log1);
  let correction2 = biasCorrection(t, params.log2);
  let end = min(first + 64u * params.span, params.quads);
  for (var quad = first; quad < end; quad += 64u) {
    let g = gradient[quad];
    var m = firstMoment[quad];
    var v = secondMoment[quad];
    m = runningMean(m, g, params.beta1, params.share1, STEP_FROM_VALUE_1);
    v = runningMean(v, g * g, params.beta2, params.share2, STEP_FROM_VALUE_2);
    firstMoment[quad] = m;
    secondMoment[quad] = v;
    parameter[quad] = keep * parameter[quad] - rate * m / (sqrt(v / correction2) + params.epsilon);
  }
}
