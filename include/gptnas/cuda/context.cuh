// What a context holds.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <type_traits>

#include <gptnas/cuda/context.hpp>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/resources.cuh>

namespace gptnas::detail::cuda {

/// All that the choice of an algorithm for a product depends on.
struct ProductKey {
  std::size_t rows, columns, inner;
  bool a_transposed, b_transposed, has_addend, has_bias;
  CublasPrecision precision;
  std::uint32_t a_alignment, b_alignment, c_alignment, addend_alignment;
  auto operator<=>(const ProductKey&) const = default;
};

/// How cuBLASLt computes such products.
struct ProductPlan {
  template <class Handle, auto Destroy>
  using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Destroyer<Destroy>>;
  using Layout = Owner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;

  Owner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy> description;
  Layout a, b, c;
  cublasLtMatmulAlgo_t algorithm{};
};

/// Held by a thread while it notes operations, and by those that use the stream of all streams, which CUDA forbids
/// meanwhile.
std::recursive_mutex& every_stream_mutex();

class Context {
 public:
  static constexpr std::size_t workspace_size = std::size_t{32} << 20;  // as cuBLAS takes on an H100

  Context();

  Stream stream;
  CublasHandle cublas;
  Memory workspace;  // of cuBLASLt
  std::map<ProductKey, ProductPlan> plans;

  std::mutex mutex;  // of all below and of the two above
  Memory scratch;
  std::size_t scratch_size = 0;
};

}  // namespace gptnas::detail::cuda
