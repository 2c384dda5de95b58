// Operations as CUDA graphs.
#include <gptnas/cuda/recording.hpp>

#include <cuda_runtime.h>

#include <memory>
#include <mutex>
#include <utility>

#include <gptnas/cuda/context.cuh>
#include <gptnas/cuda/resources.cuh>

namespace gptnas::detail::cuda {

class Noted {
 public:
  GraphRun graph;
  const void* scratch;  // that its operations use
};

namespace {

constexpr const char* purpose = "a graph of operations";

}  // namespace

void begin_noting(Context& context) {
  std::unique_lock lock(every_stream_mutex());
  check(cudaStreamBeginCapture(context.stream.get(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture",
        purpose);
  lock.release();  // until the end
}

std::shared_ptr<const Noted> end_noting(Context& context) {
  const std::unique_lock lock(every_stream_mutex(), std::adopt_lock);
  cudaGraph_t captured = nullptr;
  check(cudaStreamEndCapture(context.stream.get(), &captured), "cudaStreamEndCapture", purpose);
  const Graph graph(captured);
  cudaGraphExec_t instantiated = nullptr;
  check(cudaGraphInstantiate(&instantiated, captured, 0), "cudaGraphInstantiate", purpose);
  return std::make_shared<const Noted>(Noted{GraphRun(instantiated), context.scratch.get()});
}

void abandon_noting(Context& context) noexcept {
  const std::unique_lock lock(every_stream_mutex(), std::adopt_lock);
  cudaGraph_t captured = nullptr;
  cudaStreamEndCapture(context.stream.get(), &captured);
  if (captured != nullptr) cudaGraphDestroy(captured);
  cudaGetLastError();
}

bool repeat(Context& context, const Noted& noted) {
  if (noted.scratch != context.scratch.get()) return false;
  check(cudaGraphLaunch(noted.graph.get(), context.stream.get()), "cudaGraphLaunch", purpose);
  return true;
}

}  // namespace gptnas::detail::cuda
