// Products through cuBLASLt.
#include <cublasLt.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <gptnas/cuda/context.cuh>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/partition.hpp>

namespace gptnas::detail::cuda {

namespace {

std::string purpose(const Product& product) {
  const auto size = [](std::size_t rows, std::size_t columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
  };
  return "a product of " + size(product.rows, product.inner) + " and " + size(product.inner, product.columns);
}

template <class Value>
void set(ProductPlan& plan, cublasLtMatmulDescAttributes_t attribute, const Value& value, const Product& product) {
  check(cublasLtMatmulDescSetAttribute(plan.description.get(), attribute, &value, sizeof(value)),
        "cublasLtMatmulDescSetAttribute", purpose(product));
}

// What changes from call to call.
void set_pointers(ProductPlan& plan, cublasLtEpilogue_t epilogue, const Product& product) {
  if (epilogue == CUBLASLT_EPILOGUE_BIAS || epilogue == CUBLASLT_EPILOGUE_GELU_AUX_BIAS) {
    set(plan, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias, product);
  }
  if (epilogue == CUBLASLT_EPILOGUE_GELU_AUX_BIAS || epilogue == CUBLASLT_EPILOGUE_GELU_AUX) {
    set(plan, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, product.gelu_state, product);
  }
  if (epilogue == CUBLASLT_EPILOGUE_DGELU) {
    set(plan, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, product.slope_state, product);
  }
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
  set(plan, CUBLASLT_MATMUL_DESC_EPILOGUE, key.epilogue, product);
  if (product.bias != nullptr) set(plan, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUDA_R_32F, product);
  if (product.gelu_state != nullptr || product.slope_state != nullptr) {
    set(plan, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, static_cast<std::int64_t>(key.columns), product);
  }
  set_pointers(plan, key.epilogue, product);
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
  if (status != CUBLAS_STATUS_NOT_SUPPORTED) check(status, "cublasLtMatmulAlgoGetHeuristic", purpose(product));
  plan.found = status == CUBLAS_STATUS_SUCCESS && count == 1 && result.state == CUBLAS_STATUS_SUCCESS;
  plan.algorithm = result.algo;
  return plan;
}

// Runs a product whose factors have their type already; false if cuBLASLt has none with this epilogue.
bool run(Context& context, CublasPrecision precision, cublasLtEpilogue_t epilogue, const Product& product,
         const void* a, const void* b) {
  const float* const addend = product.addend != nullptr ? product.addend : product.c;
  const ProductKey key{product.rows,
                       product.columns,
                       product.inner,
                       product.a.transposed,
                       product.b.transposed,
                       product.addend != nullptr,
                       precision,
                       epilogue,
                       alignment(a),
                       alignment(b),
                       alignment(product.c),
                       alignment(addend)};
  auto place = context.plans.find(key);
  if (place == context.plans.end()) place = context.plans.emplace(key, make_plan(context, key, product)).first;
  ProductPlan& plan = place->second;
  if (!plan.found) return false;
  set_pointers(plan, epilogue, product);
  const float one = 1, addend_scale = product.addend != nullptr ? 1 : 0;
  check(cublasLtMatmul(context.cublas.get(), plan.description.get(), &one, b, plan.a.get(), a, plan.b.get(),
                       &addend_scale, addend, plan.c.get(), product.c, plan.c.get(), &plan.algorithm,
                       context.workspace.get(), Context::workspace_size, context.stream.get()),
        "cublasLtMatmul", purpose(product));
  return true;
}

// With the epilogue of GELU if cuBLASLt has it for these sizes, else with a kernel of ours behind it.
void multiply(Context& context, CublasPrecision precision, Product product, const void* a, const void* b) {
  const auto plain = product.bias != nullptr ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
  const float* const kept = product.gelu_state != nullptr ? product.gelu_state : product.slope_state;
  if (kept != nullptr && product.columns % 8 == 0 && alignment(kept) >= 16) {
    const auto with_gelu = product.slope_state != nullptr ? CUBLASLT_EPILOGUE_DGELU
                           : product.bias != nullptr      ? CUBLASLT_EPILOGUE_GELU_AUX_BIAS
                                                          : CUBLASLT_EPILOGUE_GELU_AUX;
    if (run(context, precision, with_gelu, product, a, b)) return;
  }
  float* const state = std::exchange(product.gelu_state, nullptr);
  const float* const slope = std::exchange(product.slope_state, nullptr);
  float* const c = product.c;
  if (state != nullptr) product.c = state;
  if (!run(context, precision, plain, product, a, b)) {
    throw CudaError("cuBLASLt has no algorithm for " + purpose(product));
  }
  const std::size_t count = product.rows * product.columns;
  if (state != nullptr) gelu(context, count, c, state);
  if (slope != nullptr) multiply_by_gelu_slope(context, count, c, slope);
}

}  // namespace

void multiply(Context& context, CublasPrecision precision, const Product& product) {
  if (precision != CublasPrecision::bf16) {
    const Scratch alone(context, 0);
    return multiply(context, precision, product, product.a.data, product.b.data);
  }
  const std::size_t a_count = product.rows * product.inner, b_count = product.inner * product.columns;
  const std::size_t b_begin = ceil_divide(a_count, 128) * 128;  // aligned as well
  const Scratch rounded(context, (b_begin + b_count) * sizeof(std::uint16_t));
  auto* const a = static_cast<std::uint16_t*>(rounded.data());
  to_bfloat16(context, a_count, a, product.a.data);
  to_bfloat16(context, b_count, a + b_begin, product.b.data);
  multiply(context, precision, product, a, a + b_begin);
}

}  // namespace gptnas::detail::cuda
