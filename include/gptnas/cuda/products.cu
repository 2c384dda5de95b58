// Products through cuBLASLt.
#include <cublasLt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/cuda/context.cuh>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/partition.hpp>

namespace gptnas::detail::cuda {

namespace {

std::string purpose(const Product& product) {
  return joined({"a product of ", product.rows, " x ", product.inner, " and ", product.inner, " x ", product.columns});
}

template <class Value>
void set(ProductPlan& plan, cublasLtMatmulDescAttributes_t attribute, const Value& value, const Product& product) {
  check(cublasLtMatmulDescSetAttribute(plan.description.get(), attribute, &value, sizeof(value)),
        "cublasLtMatmulDescSetAttribute", purpose(product));
}

ProductPlan::Layout layout(cudaDataType_t type, std::size_t rows, std::size_t columns, const Product& product) {
  cublasLtMatrixLayout_t made = nullptr;
  check(cublasLtMatrixLayoutCreate(&made, type, rows, columns, static_cast<std::int64_t>(rows)),
        "cublasLtMatrixLayoutCreate", purpose(product));
  return ProductPlan::Layout(made);
}

ProductPlan make_plan(Context& context, const ProductKey& key, const Product& product) {
  ProductPlan plan;
  const cudaDataType_t type = key.precision == CublasPrecision::bf16 ? CUDA_R_16BF : CUDA_R_32F;
  const auto compute = key.precision == CublasPrecision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  cublasLtMatmulDesc_t description = nullptr;
  check(cublasLtMatmulDescCreate(&description, compute, CUDA_R_32F), "cublasLtMatmulDescCreate", purpose(product));
  plan.description.reset(description);

  // cuBLAS counts matrices by columns: to it ours are transposed, and c' = b' a'.
  const auto operation = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  set(plan, CUBLASLT_MATMUL_DESC_TRANSA, operation(key.b_transposed), product);
  set(plan, CUBLASLT_MATMUL_DESC_TRANSB, operation(key.a_transposed), product);
  if (key.has_bias) {
    set(plan, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS, product);
    set(plan, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUDA_R_32F, product);
    set(plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias, product);
  }
  plan.a =
      key.b_transposed ? layout(type, key.inner, key.columns, product) : layout(type, key.columns, key.inner, product);
  plan.b = key.a_transposed ? layout(type, key.rows, key.inner, product) : layout(type, key.inner, key.rows, product);
  plan.c = layout(CUDA_R_32F, key.columns, key.rows, product);

  cublasLtMatmulPreference_t made = nullptr;
  check(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate", purpose(product));
  const std::unique_ptr<std::remove_pointer_t<cublasLtMatmulPreference_t>, Destroyer<cublasLtMatmulPreferenceDestroy>>
      preference(made);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    check(cublasLtMatmulPreferenceSetAttribute(made, attribute, &value, sizeof(value)),
          "cublasLtMatmulPreferenceSetAttribute", purpose(product));
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, Context::workspace_size);
  // Parts of a sum may be added up in one order only.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.b_alignment);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.a_alignment);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.addend_alignment);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.c_alignment);
  cublasLtMatmulHeuristicResult_t result{};
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(context.cublas.get(), plan.description.get(), plan.a.get(), plan.b.get(),
                                     plan.c.get(), plan.c.get(), made, 1, &result, &count);
  check(status, "cublasLtMatmulAlgoGetHeuristic", purpose(product));
  if (count == 0) throw CudaError("cuBLASLt has no algorithm for " + purpose(product));
  check(result.state, "cublasLtMatmulAlgoGetHeuristic", purpose(product));
  plan.algorithm = result.algo;
  return plan;
}

// c = a b + addend + bias; the factors have their type already.
void run(Context& context, CublasPrecision precision, const Product& product, const void* a, const void* b) {
  const float* const addend = product.addend != nullptr ? product.addend : product.c;
  const ProductKey key{product.rows,
                       product.columns,
                       product.inner,
                       product.a.transposed,
                       product.b.transposed,
                       product.addend != nullptr,
                       product.bias != nullptr,
                       precision,
                       alignment(a),
                       alignment(b),
                       alignment(product.c),
                       alignment(addend)};
  auto place = context.plans.find(key);
  if (place == context.plans.end()) place = context.plans.emplace(key, make_plan(context, key, product)).first;
  ProductPlan& plan = place->second;
  if (key.has_bias) set(plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias, product);
  const float one = 1, addend_scale = product.addend != nullptr ? 1 : 0;
  check(cublasLtMatmul(context.cublas.get(), plan.description.get(), &one, b, plan.a.get(), a, plan.b.get(),
                       &addend_scale, addend, plan.c.get(), product.c, plan.c.get(), &plan.algorithm,
                       context.workspace.get(), Context::workspace_size, context.stream.get()),
        "cublasLtMatmul", purpose(product));
}

// GELU is a kernel behind the product: where the result is a float, cuBLASLt's epilogue is one as well, a slower one.
void multiply(Context& context, CublasPrecision precision, Product product, const void* a, const void* b) {
  const std::size_t count = product.rows * product.columns;
  float* const c = product.c;
  if (product.gelu_state != nullptr) product.c = product.gelu_state;
  run(context, precision, product, a, b);
  if (product.gelu_state != nullptr) gelu(context, count, c, product.gelu_state);
  if (product.slope_state != nullptr) multiply_by_gelu_slope(context, count, c, product.slope_state);
}

}  // namespace

void multiply(Context& context, CublasPrecision precision, std::span<const Product> products) {
  if (precision != CublasPrecision::bf16) {
    const Scratch alone(context, 0);
    for (const Product& product : products) multiply(context, precision, product, product.a.data, product.b.data);
    return;
  }
  // A factor of several products is rounded once.
  struct Rounded {
    const float* from;
    std::size_t count, begin;
  };
  std::vector<Rounded> factors;
  std::size_t size = 0;
  const auto add = [&](const Factor& factor, std::size_t count) {
    if (std::ranges::find(factors, factor.data, &Rounded::from) != factors.end()) return;
    factors.push_back({factor.data, count, size});
    size += ceil_divide(count, 128) * 128;  // aligned as well
  };
  for (const Product& product : products) {
    add(product.a, product.rows * product.inner);
    add(product.b, product.inner * product.columns);
  }
  const Scratch scratch(context, size * sizeof(std::uint16_t));
  auto* const values = static_cast<std::uint16_t*>(scratch.data());
  for (const Rounded& factor : factors) to_bfloat16(context, factor.count, values + factor.begin, factor.from);
  const auto rounded = [&](const Factor& factor) {
    return values + std::ranges::find(factors, factor.data, &Rounded::from)->begin;
  };
  for (const Product& product : products) {
    multiply(context, precision, product, rounded(product.a), rounded(product.b));
  }
}

}  // namespace gptnas::detail::cuda
