// Fused causal attention: no row of probabilities is ever in memory (Dao et al., "FlashAttention: Fast and
// Memory-Efficient Exact Attention with IO-Awareness", 2022).
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

// A vector of one head, spread over a warp: lane i has elements i, i + 32, ... Those behind the width are zero.
template <unsigned Parts>
struct Spread {
  float part[Parts];

  __device__ Spread() {
    for (unsigned i = 0; i < Parts; ++i) part[i] = 0;
  }
  __device__ Spread(const float* from, unsigned width) {
    for (unsigned i = 0; i < Parts; ++i) part[i] = i * lanes + lane() < width ? from[i * lanes + lane()] : 0;
  }
  __device__ void store(float* to, unsigned width, float factor = 1) const {
    for (unsigned i = 0; i < Parts; ++i) {
      if (i * lanes + lane() < width) to[i * lanes + lane()] = factor * part[i];
    }
  }
  __device__ void scale(float factor) {
    for (unsigned i = 0; i < Parts; ++i) part[i] *= factor;
  }
  /// += factor times a vector that lies in memory.
  __device__ void add(float factor, const float* from, unsigned width) {
    for (unsigned i = 0; i < Parts; ++i) {
      if (i * lanes + lane() < width) part[i] += factor * from[i * lanes + lane()];
    }
  }
  /// The product with a vector in memory that is each lane's own.
  __device__ float dot(const float* other, unsigned width) const {
    float sum = 0;
    for (unsigned i = 0; i < Parts; ++i) {
      for (unsigned j = 0; j < lanes && i * lanes + j < width; ++j) {
        sum += __shfl_sync(all_lanes, part[i], static_cast<int>(j)) * other[i * lanes + j];
      }
    }
    return sum;
  }
};

// The arguments of the kernels.
struct Sequences {
  std::size_t rows;
  Heads heads;
  const float* qkv;
  const std::int32_t* positions;

  __device__ float scale() const { return 1 / std::sqrt(static_cast<float>(heads.width)); }
  __device__ unsigned width() const { return static_cast<unsigned>(heads.width); }
};

// A row and a head; neighbouring warps have neighbouring rows, which read the same keys.
struct Task {
  std::size_t row, head;

  __device__ static Task of_warp(std::size_t rows) { return {warp_task() % rows, warp_task() / rows}; }
};

// Dropout of the probabilities of one row.
struct DroppedRow {
  const Dropping* dropping;
  std::uint32_t row;

  __device__ DroppedRow(const Dropping& all, const Heads& heads, const Task& task)
      : dropping(&all),
        row(all.none()
                ? 0
                : all.row(task.row) * static_cast<std::uint32_t>(heads.count) + static_cast<std::uint32_t>(task.head)) {
  }
  __device__ float factor(std::size_t column) const {
    return dropping->factor(row, static_cast<std::uint32_t>(column));
  }
};
struct KeptRow {
  __device__ float factor(std::size_t) const { return 1; }
};

// A query's attention to `count` keys and values, the first of which are at the given places.
template <unsigned Parts, class Row>
__device__ RunningSoftmax attend(const Spread<Parts>& query, const float* keys, const float* values, std::size_t stride,
                                 std::size_t count, unsigned width, float scale, const Row& dropped,
                                 Spread<Parts>& sum) {
  RunningSoftmax softmax;
  for (std::size_t first = 0; first < count; first += lanes) {
    const std::size_t mine = first + lane();
    const bool valid = mine < count;
    const float score = scale * query.dot(keys + (valid ? mine : 0) * stride, width);
    sum.scale(softmax.raise(warp_max(valid ? score : -INFINITY)));
    const float weight = valid ? std::exp(score - softmax.largest) : 0;
    softmax.total += warp_sum(weight);
    const float kept = valid ? weight * dropped.factor(mine) : 0;
    for (unsigned i = 0; i < lanes && first + i < count; ++i) {
      sum.add(__shfl_sync(all_lanes, kept, static_cast<int>(i)), values + (first + i) * stride, width);
    }
  }
  return softmax;
}

template <unsigned Parts>
__global__ void attention_kernel(Sequences all, float* y, float* state, Dropping dropping) {
  if (warp_task() >= all.rows * all.heads.count) return;
  const Heads& heads = all.heads;
  const Task task = Task::of_warp(all.rows);
  const auto position = static_cast<std::size_t>(all.positions[task.row]);
  const std::size_t first = task.row - position;
  Spread<Parts> sum;
  const RunningSoftmax softmax =
      attend(Spread<Parts>(all.qkv + heads.query(task.row, task.head), all.width()),
             all.qkv + heads.key(first, task.head), all.qkv + heads.value(first, task.head), heads.stride(),
             position + 1, all.width(), all.scale(), DroppedRow(dropping, heads, task), sum);
  sum.store(y + heads.output(task.row, task.head), all.width(), 1 / softmax.total);
  if (lane() == 0) state[heads.log_sum(task.row, task.head)] = softmax.log_sum();
}

// The gradients of the queries. Leaves the products of outputs and their gradients in the state.
template <unsigned Parts>
__global__ void query_gradient_kernel(Sequences all, float* qkv_gradient, const float* y_gradient, const float* y,
                                      float* state, Dropping dropping) {
  if (warp_task() >= all.rows * all.heads.count) return;
  const Heads& heads = all.heads;
  const Task task = Task::of_warp(all.rows);
  const unsigned width = all.width();
  const std::size_t position = static_cast<std::size_t>(all.positions[task.row]), first = task.row - position;
  const Spread<Parts> query(all.qkv + heads.query(task.row, task.head), width);
  const Spread<Parts> gradient(y_gradient + heads.output(task.row, task.head), width);
  const Spread<Parts> output(y + heads.output(task.row, task.head), width);
  float products = 0;
  for (unsigned i = 0; i < Parts; ++i) products += output.part[i] * gradient.part[i];
  const float product = warp_sum(products), log_sum = state[heads.log_sum(task.row, task.head)];
  const DroppedRow dropped(dropping, heads, task);

  Spread<Parts> sum;
  for (std::size_t tile = 0; tile <= position; tile += lanes) {
    const std::size_t mine = tile + lane(), row = first + (mine <= position ? mine : 0);
    const float score = all.scale() * query.dot(all.qkv + heads.key(row, task.head), width);
    const float probability_gradient = gradient.dot(all.qkv + heads.value(row, task.head), width);
    const float score_gradient = mine > position ? 0
                                                 : all.scale() * std::exp(score - log_sum) *
                                                       (probability_gradient * dropped.factor(mine) - product);
    for (unsigned i = 0; i < lanes && tile + i <= position; ++i) {
      sum.add(__shfl_sync(all_lanes, score_gradient, static_cast<int>(i)),
              all.qkv + heads.key(first + tile + i, task.head), width);
    }
  }
  sum.store(qkv_gradient + heads.query(task.row, task.head), width);
  if (lane() == 0) state[heads.product(task.row, task.head)] = product;
}

// The gradients of the keys and values: a warp gathers from the rows that attend to its own, in their order.
template <unsigned Parts>
__global__ void key_gradient_kernel(Sequences all, float* qkv_gradient, const float* y_gradient, const float* state,
                                    Dropping dropping) {
  if (warp_task() >= all.rows * all.heads.count) return;
  const Heads& heads = all.heads;
  const Task task = Task::of_warp(all.rows);
  const unsigned width = all.width();
  const std::int32_t position = all.positions[task.row];
  const Spread<Parts> key(all.qkv + heads.key(task.row, task.head), width);
  const Spread<Parts> value(all.qkv + heads.value(task.row, task.head), width);

  Spread<Parts> key_sum, value_sum;
  for (std::size_t tile = 0;; tile += lanes) {
    const std::size_t mine = task.row + tile + lane();
    const bool valid = mine < all.rows && same_sequence(position, all.positions[mine], tile + lane());
    const auto count = static_cast<unsigned>(__popc(__ballot_sync(all_lanes, valid)));  // the first lanes
    if (count == 0) break;
    const std::size_t row = valid ? mine : task.row;
    const float score = all.scale() * key.dot(all.qkv + heads.query(row, task.head), width);
    const float probability_gradient = value.dot(y_gradient + heads.output(row, task.head), width);
    float weight = 0, score_gradient = 0;
    if (valid) {
      const float probability = std::exp(score - state[heads.log_sum(row, task.head)]);
      const float factor = DroppedRow(dropping, heads, Task{row, task.head}).factor(static_cast<std::size_t>(position));
      weight = probability * factor;
      score_gradient =
          all.scale() * probability * (probability_gradient * factor - state[heads.product(row, task.head)]);
    }
    for (unsigned i = 0; i < count; ++i) {
      const std::size_t other = task.row + tile + i;
      value_sum.add(__shfl_sync(all_lanes, weight, static_cast<int>(i)), y_gradient + heads.output(other, task.head),
                    width);
      key_sum.add(__shfl_sync(all_lanes, score_gradient, static_cast<int>(i)), all.qkv + heads.query(other, task.head),
                  width);
    }
  }
  key_sum.store(qkv_gradient + heads.key(task.row, task.head), width);
  value_sum.store(qkv_gradient + heads.value(task.row, task.head), width);
}

template <unsigned Parts>
__global__ void attention_step_kernel(Sequences all, std::size_t context_length, float* y, float* keys, float* values) {
  if (warp_task() >= all.rows * all.heads.count) return;
  const Heads& heads = all.heads;
  const Task task = Task::of_warp(all.rows);
  const unsigned width = all.width();
  const auto position = static_cast<std::size_t>(all.positions[task.row]);
  const std::size_t first = heads.cached(task.row, task.head, context_length, 0);
  const std::size_t last = heads.cached(task.row, task.head, context_length, position);
  Spread<Parts>(all.qkv + heads.key(task.row, task.head), width).store(keys + last, width);
  Spread<Parts>(all.qkv + heads.value(task.row, task.head), width).store(values + last, width);
  __syncwarp();
  Spread<Parts> sum;
  const RunningSoftmax softmax = attend(Spread<Parts>(all.qkv + heads.query(task.row, task.head), width), keys + first,
                                        values + first, heads.width, position + 1, width, all.scale(), KeptRow(), sum);
  sum.store(y + heads.output(task.row, task.head), width, 1 / softmax.total);
}

template <unsigned Parts>
struct PartCount {
  static constexpr unsigned value = Parts;
};

// Calls `work` with the number of elements that a lane has of a head, as a type.
template <class Work>
void with_parts(const Heads& heads, const Work& work) {
  if (heads.width <= lanes) return work(PartCount<1>());
  if (heads.width <= 2 * lanes) return work(PartCount<2>());
  if (heads.width <= 4 * lanes) return work(PartCount<4>());
  work(PartCount<most_head_width / lanes>());
}

}  // namespace

void attention(Context& context, std::size_t rows, const Heads& heads, float* y, float* state, const float* qkv,
               const std::int32_t* positions, const Dropping& dropping) {
  with_parts(heads, [&](auto parts) {
    launch(context, "attention", attention_kernel<decltype(parts)::value>, {warp_blocks(rows * heads.count)},
           block_threads, {rows, heads, qkv, positions}, y, state, dropping);
  });
}

void attention_backward(Context& context, std::size_t rows, const Heads& heads, float* qkv_gradient,
                        const float* y_gradient, const float* y, float* state, const float* qkv,
                        const std::int32_t* positions, const Dropping& dropping) {
  const Sequences all{rows, heads, qkv, positions};
  const Grid grid{warp_blocks(rows * heads.count)};
  with_parts(heads, [&](auto parts) {
    launch(context, "query_gradient", query_gradient_kernel<decltype(parts)::value>, grid, block_threads, all,
           qkv_gradient, y_gradient, y, state, dropping);
    launch(context, "key_gradient", key_gradient_kernel<decltype(parts)::value>, grid, block_threads, all, qkv_gradient,
           y_gradient, state, dropping);
  });
}

void attention_step(Context& context, std::size_t rows, const Heads& heads, std::size_t context_length, float* y,
                    float* keys, float* values, const float* qkv, const std::int32_t* positions) {
  with_parts(heads, [&](auto parts) {
    launch(context, "attention_step", attention_step_kernel<decltype(parts)::value>, {warp_blocks(rows * heads.count)},
           block_threads, {rows, heads, qkv, positions}, context_length, y, keys, values);
  });
}

}  // namespace gptnas::detail::cuda
