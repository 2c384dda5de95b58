// Fused causal attention: no row of probabilities is ever in memory (Dao et al., "FlashAttention: Fast and
// Memory-Efficient Exact Attention with IO-Awareness", 2022; Dao, "FlashAttention-2", 2023).
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/tile.cuh>

namespace gptnas::detail::cuda {

namespace {

// Rows of one head in a matrix, from one of them to the last.
struct HeadRows {
  const float* first;
  std::size_t stride, count, width;
};

// The arguments of the kernels, of which a block works on one head.
struct Sequences {
  std::size_t rows;
  Heads heads;
  const float* qkv;
  const std::int32_t* positions;

  __device__ float scale() const { return 1 / std::sqrt(static_cast<float>(heads.width)); }
  __device__ std::size_t head() const { return blockIdx.y; }
  /// The row in which the sequence of another one begins.
  __device__ std::size_t begin(std::size_t row) const { return row - static_cast<std::size_t>(positions[row]); }

  __device__ HeadRows queries(std::size_t first) const { return of_qkv(heads.query(first, head()), first); }
  __device__ HeadRows keys(std::size_t first) const { return of_qkv(heads.key(first, head()), first); }
  __device__ HeadRows values(std::size_t first) const { return of_qkv(heads.value(first, head()), first); }
  __device__ HeadRows outputs(const float* y, std::size_t first) const {
    return {y + output(first), heads.columns(), rows - first, heads.width};
  }
  __device__ std::size_t output(std::size_t row) const { return heads.output(row, head()); }
  __device__ std::size_t log_sum(std::size_t row) const { return heads.log_sum(row, head()); }
  __device__ std::size_t product(std::size_t row) const { return heads.product(row, head()); }

  /// What a probability is multiplied by.
  __device__ float kept(const Dropping& dropping, std::size_t row, std::size_t key) const {
    if (dropping.none()) return 1;
    const auto number = static_cast<std::uint32_t>(heads.count), of = static_cast<std::uint32_t>(head());
    return dropping.factor(dropping.row(row) * number + of, static_cast<std::uint32_t>(key - begin(row)));
  }

 private:
  __device__ HeadRows of_qkv(std::size_t place, std::size_t first) const {
    return {qkv + place, heads.stride(), rows - first, heads.width};
  }
};

// What the threads of a block share.
struct TilePair {
  Tile left, right;
};

// Products of tiles of rows, `Columns` features of a head at a time, in `Parts` parts.
template <unsigned Columns, unsigned Parts>
struct HeadTiles {
  static constexpr unsigned blocks = Parts == 1 ? 2 : 1;  // at the same time, on registers of one multiprocessor
  using Sums = TilePart<Columns>[Parts];

  __device__ static void load(Tile& to, const HeadRows& rows, unsigned part) {
    const std::size_t begin = std::size_t{part} * Columns;
    to.load<Columns>(rows.first + begin, rows.stride, rows.count, rows.width - begin);
  }

  /// The product of each row of the left ones and each of the right ones.
  __device__ static TilePart<> products(TilePair& tiles, const HeadRows& left, const HeadRows& right) {
    TilePart<> products;
    for (unsigned part = 0; part < Parts; ++part) {
      __syncthreads();
      load(tiles.left, left, part);
      load(tiles.right, right, part);
      __syncthreads();
      products.add_transposed_product(tiles.left, tiles.right, Columns);
    }
    return products;
  }

  /// sums += the factors times the rows.
  __device__ static void add_rows(Sums& sums, TilePair& tiles, const TilePart<>& factors, const HeadRows& rows) {
    __syncthreads();
    factors.share(tiles.left);
#pragma unroll
    for (unsigned part = 0; part < Parts; ++part) {
      if (part != 0) __syncthreads();
      load(tiles.right, rows, part);
      __syncthreads();
      sums[part].add_product(tiles.left, tiles.right, tile);
    }
  }

  /// Puts a row of the sums into memory.
  __device__ static void store(float* to, std::size_t width, const Sums& sums, unsigned i, float factor = 1) {
#pragma unroll
    for (unsigned part = 0; part < Parts; ++part) {
      for (unsigned j = 0; j < TilePart<Columns>::columns; ++j) {
        const std::size_t column = std::size_t{part} * Columns + tile_column(j);
        if (column < width) to[column] = factor * sums[part].element[i][j];
      }
    }
  }
};

// A block makes a tile of queries.
template <class Tiles>
__global__ void __launch_bounds__(block_threads, Tiles::blocks)
    attention_kernel(Sequences all, float* y, float* state, Dropping dropping) {
  __shared__ TilePair tiles;
  const std::size_t first_query = std::size_t{blockIdx.x} * tile;
  RunningSoftmax softmax[tile_part];
  typename Tiles::Sums sums;
  for (std::size_t first_key = all.begin(first_query); first_key < first_query + tile && first_key < all.rows;
       first_key += tile) {
    TilePart<> weights = Tiles::products(tiles, all.queries(first_query), all.keys(first_key));
#pragma unroll
    for (unsigned i = 0; i < tile_part; ++i) {
      const std::size_t row = first_query + tile_row(i);
      const std::size_t begin = row < all.rows ? all.begin(row) : 0;
      const auto seen = [&](std::size_t key) { return row < all.rows && begin <= key && key <= row; };
      float largest = -INFINITY;
#pragma unroll
      for (unsigned j = 0; j < tile_part; ++j) {
        weights.element[i][j] *= all.scale();
        if (seen(first_key + tile_column(j))) largest = fmaxf(largest, weights.element[i][j]);
      }
      const float factor = softmax[i].raise(warp_max<tile_side>(largest));
      for (auto& part : sums) part.scale_row(i, factor);
      float total = 0;
#pragma unroll
      for (unsigned j = 0; j < tile_part; ++j) {
        const std::size_t key = first_key + tile_column(j);
        const float weight = seen(key) ? std::exp(weights.element[i][j] - softmax[i].largest) : 0;
        total += weight;
        weights.element[i][j] = weight != 0 ? weight * all.kept(dropping, row, key) : 0;
      }
      softmax[i].total += warp_sum<tile_side>(total);
    }
    Tiles::add_rows(sums, tiles, weights, all.values(first_key));
  }
#pragma unroll
  for (unsigned i = 0; i < tile_part; ++i) {
    const std::size_t row = first_query + tile_row(i);
    if (row >= all.rows) continue;
    Tiles::store(y + all.output(row), all.heads.width, sums, i, 1 / softmax[i].total);
    if (tile_column(0) == 0) state[all.log_sum(row)] = softmax[i].log_sum();
  }
}

// The gradient of a score; `product` is that of the row's output and its gradient.
struct ScoreGradient {
  float weight = 0, score = 0;

  __device__ ScoreGradient(const Sequences& all, const Dropping& dropping, const float* state, std::size_t row,
                           std::size_t key, float score_product, float weight_gradient) {
    if (row >= all.rows || key > row || key < all.begin(row)) return;
    const float probability = std::exp(all.scale() * score_product - state[all.log_sum(row)]);
    const float kept = all.kept(dropping, row, key);
    weight = probability * kept;
    score = all.scale() * probability * (weight_gradient * kept - state[all.product(row)]);
  }
};

// A warp a row and head: leaves the products of outputs and their gradients in the state.
__global__ void output_product_kernel(std::size_t rows, Heads heads, float* state, const float* y_gradient,
                                      const float* y) {
  if (warp_task() >= rows * heads.count) return;
  const Place at(warp_task(), heads.count);
  const std::size_t first = heads.output(at.row, at.column);
  float sum = 0;
  for (std::size_t i = lane(); i < heads.width; i += lanes) sum += y[first + i] * y_gradient[first + i];
  sum = warp_sum(sum);
  if (lane() == 0) state[heads.product(at.row, at.column)] = sum;
}

// A block makes a tile of queries.
template <class Tiles>
__global__ void __launch_bounds__(block_threads, Tiles::blocks)
    query_gradient_kernel(Sequences all, float* qkv_gradient, const float* y_gradient, const float* state,
                          Dropping dropping) {
  __shared__ TilePair tiles;
  const std::size_t first_query = std::size_t{blockIdx.x} * tile;
  typename Tiles::Sums sums;
  for (std::size_t first_key = all.begin(first_query); first_key < first_query + tile && first_key < all.rows;
       first_key += tile) {
    TilePart<> scores = Tiles::products(tiles, all.queries(first_query), all.keys(first_key));
    const TilePart<> gradients = Tiles::products(tiles, all.outputs(y_gradient, first_query), all.values(first_key));
#pragma unroll
    for (unsigned i = 0; i < tile_part; ++i) {
#pragma unroll
      for (unsigned j = 0; j < tile_part; ++j) {
        float& score = scores.element[i][j];
        score = ScoreGradient(all, dropping, state, first_query + tile_row(i), first_key + tile_column(j), score,
                              gradients.element[i][j])
                    .score;
      }
    }
    Tiles::add_rows(sums, tiles, scores, all.keys(first_key));
  }
#pragma unroll
  for (unsigned i = 0; i < tile_part; ++i) {
    const std::size_t row = first_query + tile_row(i);
    if (row < all.rows) Tiles::store(qkv_gradient + all.heads.query(row, all.head()), all.heads.width, sums, i);
  }
}

// A block makes a tile of keys and values.
template <class Tiles>
__global__ void __launch_bounds__(block_threads, Tiles::blocks)
    key_gradient_kernel(Sequences all, float* qkv_gradient, const float* y_gradient, const float* state,
                        Dropping dropping) {
  __shared__ TilePair tiles;
  const std::size_t first_key = std::size_t{blockIdx.x} * tile;
  typename Tiles::Sums key_sums, value_sums;
  for (std::size_t first_query = first_key; first_query < all.rows && all.begin(first_query) < first_key + tile;
       first_query += tile) {
    TilePart<> scores = Tiles::products(tiles, all.keys(first_key), all.queries(first_query));
    TilePart<> weights = Tiles::products(tiles, all.values(first_key), all.outputs(y_gradient, first_query));
#pragma unroll
    for (unsigned i = 0; i < tile_part; ++i) {
#pragma unroll
      for (unsigned j = 0; j < tile_part; ++j) {
        float &score = scores.element[i][j], &weight = weights.element[i][j];
        const ScoreGradient gradient(all, dropping, state, first_query + tile_column(j), first_key + tile_row(i), score,
                                     weight);
        score = gradient.score;
        weight = gradient.weight;
      }
    }
    Tiles::add_rows(value_sums, tiles, weights, all.outputs(y_gradient, first_query));
    Tiles::add_rows(key_sums, tiles, scores, all.queries(first_query));
  }
#pragma unroll
  for (unsigned i = 0; i < tile_part; ++i) {
    const std::size_t row = first_key + tile_row(i);
    if (row >= all.rows) continue;
    Tiles::store(qkv_gradient + all.heads.key(row, all.head()), all.heads.width, key_sums, i);
    Tiles::store(qkv_gradient + all.heads.value(row, all.head()), all.heads.width, value_sums, i);
  }
}

// A warp a row and head. `Lanes` lanes share a key and its value: lane i has elements 4 i to 4 i + 3, and 4 Lanes behind
// them the next ones.
template <unsigned Lanes, unsigned Parts>
__global__ void attention_step_kernel(std::size_t rows, Heads heads, std::size_t context_length, bool aligned, float* y,
                                      float* keys, float* values, const float* qkv, const std::int32_t* positions) {
  constexpr unsigned keys_at_once = lanes / Lanes, turns = 4;  // at once, as memory is far away; more take registers
  if (warp_task() >= rows * heads.count) return;
  const std::size_t row = warp_task() / heads.count, head = warp_task() % heads.count, width = heads.width;
  const auto position = static_cast<std::size_t>(positions[row]);
  const std::size_t first = heads.cached(row, head, context_length, 0);
  for (std::size_t i = lane(); i < width; i += lanes) {
    keys[first + position * width + i] = qkv[heads.key(row, head) + i];
    values[first + position * width + i] = qkv[heads.value(row, head) + i];
  }
  __syncwarp();

  // A lane's part of a vector.
  const auto load = [&](const float* from, unsigned part, bool at_once) {
    const std::size_t begin = std::size_t{part * Lanes + lane() % Lanes} * Four::size;
    if (begin >= width) return Four{};
    return at_once ? Four::at(from + begin) : Four::at(from + begin, width - begin);
  };
  Four query[Parts], sums[Parts] = {};
  for (unsigned part = 0; part < Parts; ++part) query[part] = load(qkv + heads.query(row, head), part, false);
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  RunningSoftmax softmax;
  for (std::size_t begin = 0; begin <= position; begin += turns * keys_at_once) {
    float scores[turns];
    Four value[turns][Parts];
    float largest = -INFINITY;
#pragma unroll
    for (unsigned turn = 0; turn < turns; ++turn) {
      const std::size_t key = begin + turn * keys_at_once + lane() / Lanes;
      const std::size_t at = first + (key <= position ? key : position) * width;
      float product = 0;
      for (unsigned part = 0; part < Parts; ++part) {
        const Four of_key = load(keys + at, part, aligned);
        value[turn][part] = load(values + at, part, aligned);
        for (unsigned i = 0; i < Four::size; ++i) product += query[part].element[i] * of_key.element[i];
      }
      scores[turn] = key <= position ? product : -INFINITY;
    }
#pragma unroll
    for (unsigned turn = 0; turn < turns; ++turn) {
      scores[turn] = scale * warp_sum<Lanes>(scores[turn]);
      largest = fmaxf(largest, scores[turn]);
    }
    const float factor = softmax.raise(warp_max(largest));
    for (Four& sum : sums) {
      for (float& element : sum.element) element *= factor;
    }
#pragma unroll
    for (unsigned turn = 0; turn < turns; ++turn) {
      const float weight = std::exp(scores[turn] - softmax.largest);  // 0 behind the last key
      softmax.total += weight;
      for (unsigned part = 0; part < Parts; ++part) {
        for (unsigned i = 0; i < Four::size; ++i) {
          sums[part].element[i] += weight * value[turn][part].element[i];
        }
      }
    }
  }
  // Over the lanes that have the same elements of other keys.
  const auto over_keys = [](float sum) {
    for (unsigned distance = Lanes; distance < lanes; distance *= 2) sum += __shfl_xor_sync(all_lanes, sum, distance);
    return sum;
  };
  const float total = over_keys(softmax.total);
  for (unsigned part = 0; part < Parts; ++part) {
    for (unsigned i = 0; i < Four::size; ++i) {
      const float sum = over_keys(sums[part].element[i]);
      const std::size_t feature = std::size_t{part * Lanes + lane() % Lanes} * Four::size + i;
      if (lane() < Lanes && feature < width) y[heads.output(row, head) + feature] = sum / total;
    }
  }
}

template <class Type>
struct TypeOf {
  using type = Type;
};

// Calls `work` with the tiles of a width as a type.
template <class Work>
void with_tiles(const Heads& heads, const Work& work) {
  if (heads.width <= 32) return work(TypeOf<HeadTiles<32, 1>>());
  if (heads.width <= 64) return work(TypeOf<HeadTiles<64, 1>>());
  if (heads.width <= 128) return work(TypeOf<HeadTiles<64, 2>>());
  work(TypeOf<HeadTiles<64, most_head_width / 64>>());
}

Grid tile_grid(std::size_t rows, const Heads& heads) {
  return {static_cast<unsigned>(ceil_divide(rows, tile)), static_cast<unsigned>(heads.count)};
}

}  // namespace

void attention(Context& context, std::size_t rows, const Heads& heads, float* y, float* state, const float* qkv,
               const std::int32_t* positions, const Dropping& dropping) {
  with_tiles(heads, [&](auto tiles) {
    launch(context, "attention", attention_kernel<typename decltype(tiles)::type>, tile_grid(rows, heads),
           block_threads, {rows, heads, qkv, positions}, y, state, dropping);
  });
}

void attention_backward(Context& context, std::size_t rows, const Heads& heads, float* qkv_gradient,
                        const float* y_gradient, const float* y, float* state, const float* qkv,
                        const std::int32_t* positions, const Dropping& dropping) {
  const Sequences all{rows, heads, qkv, positions};
  launch(context, "output_product", output_product_kernel, {warp_blocks(rows * heads.count)}, block_threads, rows,
         heads, state, y_gradient, y);
  with_tiles(heads, [&](auto tiles) {
    using Tiles = typename decltype(tiles)::type;
    launch(context, "query_gradient", query_gradient_kernel<Tiles>, tile_grid(rows, heads), block_threads, all,
           qkv_gradient, y_gradient, state, dropping);
    launch(context, "key_gradient", key_gradient_kernel<Tiles>, tile_grid(rows, heads), block_threads, all,
           qkv_gradient, y_gradient, state, dropping);
  });
}

void attention_step(Context& context, std::size_t rows, const Heads& heads, std::size_t context_length, float* y,
                    float* keys, float* values, const float* qkv, const std::int32_t* positions) {
  const bool aligned =
      heads.width % Four::size == 0 && alignment(keys) >= alignof(Four) && alignment(values) >= alignof(Four);
  const auto start = [&](auto kernel) {
    launch(context, "attention_step", kernel, {warp_blocks(rows * heads.count)}, block_threads, rows, heads,
           context_length, aligned, y, keys, values, qkv, positions);
  };
  if (heads.width <= 32) return start(attention_step_kernel<8, 1>);
  if (heads.width <= 64) return start(attention_step_kernel<16, 1>);
  if (heads.width <= 128) return start(attention_step_kernel<32, 1>);
  start(attention_step_kernel<32, most_head_width / 128>);
}

}  // namespace gptnas::detail::cuda
