// What the GPT needs from the machine that computes it: memory, and a short list of operations.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gptnas {

/// How a product may sum.
enum class Summation {
  fastest,  ///< in any order; a row's last bits may depend on the number of rows
  fixed     ///< in one order a row: equal rows give equal bits, whatever else is in the batch
};

/// A target that counts neither in the loss nor in the gradient.
inline constexpr std::int32_t ignored_target = -1;

/// Which elements are dropped, and how many. The same values drop the same elements, so that nothing of a forward pass
/// is kept for the backward pass.
template <class IndexSlice>
struct Dropout {
  IndexSlice random;   ///< (4): two words of a seed, the step, the number of the first row within the whole batch
  std::uint32_t site;  ///< place in the model
  double rate;         ///< probability of an element to be dropped, in [0, 1); 0 is no dropout
};

/// What is not changed by a step of AdamW; see the operation `adamw`.
struct AdamWCoefficients {
  double beta1, beta2, epsilon, weight_decay;
};

namespace detail {

template <class Backend>
using Output = typename Backend::template Slice<typename Backend::Scalar>;
template <class Backend>
using Input = typename Backend::template Slice<const typename Backend::Scalar>;
template <class Backend>
using Indices = typename Backend::template Slice<const std::int32_t>;

}  // namespace detail

/// The memory and the operations that the GPT, its optimizer and its sampler are written in.
///
/// Memory: `Buffer<T>(count)` owns zeros and copies as a value; `buffer.slice(offset, count)` is a handle to a part of
/// it, `Slice<T>` or `Slice<const T>`, without access to elements. `write` and `read` copy between a slice and the
/// host and are the only operations that wait for results.
///
/// Repetition: `repeat(recording, memory, work)` does `work()`, which calls operations, but neither `read` nor `write`.
/// A backend may note them in the `Recording` and repeat them in later calls with the same recording and memory (a list
/// of slices), in which `work` must do the same, instead of calling it. A recording starts as `{}`; a copy of one is
/// empty. `asynchronous` tells whether calls only begin operations, which run one after the other then: who uses such a
/// backend has no use for several threads, and pads batches to a few numbers of rows, for what can be repeated.
///
/// Rows: a batch is N rows, one a token, of sequences that lie one after the other. `positions` (N) counts from 0
/// within each sequence, so that it also tells where a sequence starts. A row whose target is `ignored_target` pads.
/// Sizes that the model fixes are template arguments; C is the width, H the heads, D = C / H, T the context,
/// V the vocabulary. Below, `y = ...` replaces the output and `y += ...` adds to it; an output overlaps no input except
/// where "in place" is said. Arrays are row-major. Nothing returns a scalar, nothing allocates.
///
/// - `fill(y, value)`: y = value. `copy(y, x)`: y = x.
/// - `embed<C>(N, y, tokens, positions, token_table, position_table)`: y (N,C) = token_table[token] +
///   position_table[position].
/// - `embed_backward<C>(N, dtoken_table, dposition_table, dy, tokens, positions)`: both tables +=.
/// - `layer_norm<C>(N, y, statistics, x, weight, bias)`: y (N,C) =, statistics (N,2) = mean and 1 / deviation
///   (epsilon 1e-5).
/// - `layer_norm_backward<C>(N, dx, dweight, dbias, dy, x, statistics, weight)`: all +=.
/// - `linear<K, M, Summation>(N, y, x, weight, bias)`: y (N,M) = x (N,K) weight (K,M) + bias (M).
/// - `linear_residual<K, M, Summation>(N, y, residual, x, weight, bias)`: y = residual + x weight + bias; residual may
///   be y.
/// - `linear_gelu<K, M, Summation>(N, y, state, x, weight, bias)`: y (N,M) = GELU(x weight + bias) in its tanh form;
///   state (N,M) is what the backend keeps of it for the backward pass.
/// - `linear_backward<K, M>(N, dx, dweight, dbias, dy, x, weight)`: dx =, dweight +=, dbias +=.
/// - `gelu_linear_backward<K, M>(N, dx, dweight, dbias, dy, x, state, weight)`: the same where `linear_gelu` gave x
///   (N,K) and the state (N,K); dx is the gradient of what it took the GELU of.
/// - `dropout<M>(N, y, dropout)`: y (N,M) = 0 where an element is dropped, else y / (1 - rate), in place (Srivastava et
///   al., 2014). Of the gradient it is the backward pass, too. Element (n, m) is dropped if word m % 4 of Philox with
///   the counter (m / 4, first row + n, site, step) is below 2^32 rate.
/// - `attention<H, D, T>(N, y, state, qkv, positions, dropout)`: causal, within each sequence; y (N,C) = from the
///   queries, keys and values in qkv (N,3C), with dropout of the probabilities: those of row n and head h are row
///   (first row + n) H + h. The backend keeps what it likes for the backward pass in state (N, `attention_state<H, D,
///   T>`).
/// - `attention_backward<H, D, T>(N, dqkv, dy, y, state, qkv, positions, dropout)`: dqkv (N,3C) =; state is used up.
/// - `attention_step<H, D, T>(N, y, keys, values, qkv, positions)`: the same for one new row in each of N sequences,
///   with fixed summation: row n is put into keys (N,T C) and values (N,T C) at its position and attends to what is
///   there. How a row of them is laid out is the backend's own matter.
/// - `copy_rows<M>(N, y, to, from)`: row to[n] of y (.,M) = its row from[n], in place; no row is both read and written.
/// - `head<C, V, Summation>(N, logits, x, token_table)`: logits (N,V) = x (N,C) token_table' (C,V).
/// - `head_backward<C, V>(N, dx, dtoken_table, dlogits, x, token_table)`: dx =, dtoken_table +=.
/// - `cross_entropy<V>(N, loss, logits, targets, share)`: loss (1) += share (1) times the sum over the targets that are
///   not ignored; logits = its gradient, in place.
/// - `add(y, x)`: y += x.
/// - `squared_norm(y, x)`: y (1) = sum of the squares of x.
/// - `clip(scale, squared_norms, limit)`: scale (1) = min(1, limit / (norm + 1e-6)), the norm over all parts.
/// - `adamw(parameters, first_moments, second_moments, gradients, step, coefficients)`: the first three +=, as of
///   Loshchilov and Hutter, 2019; step (4) is learning rate, 1 - beta1^t, 1 - beta2^t, scale of the gradients.
/// - `update_part`: how many parameters the optimizer hands over in one call of `add`, `squared_norm` and
///   `adamw`, at least 1; threads share such parts.
///
/// Models: `EigenBackend`, `CublasBackend`.
template <class Candidate>
concept Backend = std::copyable<Candidate> && std::floating_point<typename Candidate::Scalar> &&
    requires(const Candidate& backend, std::size_t rows, detail::Output<Candidate> y, detail::Input<Candidate> x,
             detail::Indices<Candidate> indices, typename Candidate::template Buffer<typename Candidate::Scalar> buffer,
             std::span<typename Candidate::Scalar> host, double number, AdamWCoefficients coefficients,
             Dropout<detail::Indices<Candidate>> dropout, typename Candidate::Recording recording, void (*work)()) {
  { buffer.slice(rows, rows) } -> std::same_as<detail::Output<Candidate>>;
  { y.slice(rows, rows) } -> std::same_as<detail::Output<Candidate>>;
  { y } -> std::convertible_to<detail::Input<Candidate>>;
  { Candidate::asynchronous } -> std::convertible_to<bool>;
  backend.repeat(recording, {x, y}, work);
  backend.read(x, host);
  backend.write(y, host);
  backend.fill(y, number);
  backend.copy(y, x);
  backend.template embed<4>(rows, y, indices, indices, x, x);
  backend.template embed_backward<4>(rows, y, y, x, indices, indices);
  backend.template layer_norm<4>(rows, y, y, x, x, x);
  backend.template layer_norm_backward<4>(rows, y, y, y, x, x, x, x);
  backend.template linear<4, 4, Summation::fastest>(rows, y, x, x, x);
  backend.template linear_residual<4, 4, Summation::fastest>(rows, y, x, x, x, x);
  backend.template linear_gelu<4, 4, Summation::fastest>(rows, y, y, x, x, x);
  backend.template linear_backward<4, 4>(rows, y, y, y, x, x, x);
  backend.template gelu_linear_backward<4, 4>(rows, y, y, y, x, x, x, x);
  { Candidate::template attention_state<2, 2, 4> } -> std::convertible_to<std::size_t>;
  backend.template dropout<4>(rows, y, dropout);
  backend.template attention<2, 2, 4>(rows, y, y, x, indices, dropout);
  backend.template attention_backward<2, 2, 4>(rows, y, x, x, y, x, indices, dropout);
  backend.template attention_step<2, 2, 4>(rows, y, y, y, x, indices);
  backend.template copy_rows<4>(rows, y, indices, indices);
  backend.template head<4, 4, Summation::fastest>(rows, y, x, x);
  backend.template head_backward<4, 4>(rows, y, y, x, x, x);
  backend.template cross_entropy<4>(rows, y, y, indices, x);
  backend.add(y, x);
  backend.squared_norm(y, x);
  backend.clip(y, x, number);
  backend.adamw(y, y, y, x, x, coefficients);
  { Candidate::update_part } -> std::convertible_to<std::size_t>;
};

}  // namespace gptnas
