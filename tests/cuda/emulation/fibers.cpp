// The threads of a block as fibers.
#include <gptnas/cuda/launch.cuh>

#include <ucontext.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace gptnas::detail::cuda {

namespace {

enum class State { ready, at_warp_barrier, at_block_barrier, done };

struct Fiber {
  static constexpr std::size_t stack_size = 64 << 10;
  ucontext_t context;
  std::unique_ptr<std::byte[]> stack = std::make_unique<std::byte[]>(stack_size);
  State state = State::done;
  const char* operation = "";
  unsigned exchanges = 0;  // of the warp, that it took part in
};

ucontext_t scheduler;
std::vector<Fiber> fibers;
unsigned current = 0;
std::string running;
const std::function<void()>* body = nullptr;
// What the lanes of a warp give each other; two, as one lane may be ahead of another one by one exchange.
std::array<std::array<std::array<std::uint32_t, lanes>, 2>, 64> slots;

[[noreturn]] void fail(const std::string& problem) {
  std::fprintf(stderr, "kernel %s: %s\n", running.c_str(), problem.c_str());
  std::abort();
}

void enter() {
  (*body)();
  fibers[current].state = State::done;
  swapcontext(&fibers[current].context, &scheduler);
}

void wait(State state, const char* operation) {
  Fiber& fiber = fibers[current];
  fiber.state = state;
  fiber.operation = operation;
  swapcontext(&fiber.context, &scheduler);
}

void resume(unsigned thread) {
  current = thread;
  threadIdx = {thread, 0};
  swapcontext(&scheduler, &fibers[thread].context);
}

// Lets the threads of a group go on that have all come to the same barrier.
bool release(unsigned first, unsigned end, State barrier) {
  unsigned waiting = 0, done = 0;
  for (unsigned i = first; i < end; ++i) {
    waiting += fibers[i].state == barrier;
    done += fibers[i].state == State::done;
  }
  if (waiting == 0 || waiting + done < end - first) return false;
  if (done != 0) fail(std::string("threads have ended while others wait at ") + fibers[current].operation);
  for (unsigned i = first; i < end; ++i) {
    if (std::strcmp(fibers[i].operation, fibers[first].operation) != 0) {
      fail(std::string("threads of a warp meet at ") + fibers[first].operation + " and " + fibers[i].operation);
    }
    fibers[i].state = State::ready;
  }
  return true;
}

void prepare(Fiber& fiber) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = Fiber::stack_size;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, enter, 0);
  fiber.state = State::ready;
  fiber.exchanges = 0;
}

void run_block(unsigned threads) {
  for (unsigned thread = 0; thread < threads; ++thread) prepare(fibers[thread]);
  for (bool progress = true; progress;) {
    progress = false;
    for (unsigned turn = 0; turn < threads; ++turn) {
      const unsigned thread = turns == Turns::forward ? turn : threads - 1 - turn;
      if (fibers[thread].state != State::ready) continue;
      resume(thread);
      progress = true;
    }
    for (unsigned first = 0; first < threads; first += lanes) {
      progress |= release(first, first + lanes, State::at_warp_barrier);
    }
    progress |= release(0, threads, State::at_block_barrier);
  }
  for (unsigned thread = 0; thread < threads; ++thread) {
    if (fibers[thread].state != State::done) fail("threads wait for each other at different barriers");
  }
}

// The values of all lanes of the warp, each of which gives one.
const std::array<std::uint32_t, lanes>& exchange(std::uint32_t value, unsigned mask, const char* operation) {
  if (mask != 0xFFFFFFFFu) fail("only whole warps are emulated");
  auto& slot = slots[current / lanes][fibers[current].exchanges++ % 2];
  slot[current % lanes] = value;
  wait(State::at_warp_barrier, operation);
  return slot;
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace

void run_kernel(std::string_view name, Grid grid, unsigned threads, const std::function<void()>& thread) {
  running = name;
  if (threads == 0 || threads % lanes != 0 || threads > 1024) fail("blocks of " + std::to_string(threads) + " threads");
  if (grid.y > 65535) fail("a grid of " + std::to_string(grid.y) + " rows");
  if (fibers.size() < threads) fibers.resize(threads);
  body = &thread;
  gridDim = {grid.x, grid.y};
  blockDim = {threads, 1};
  const std::size_t blocks = std::size_t{grid.x} * grid.y;
  for (std::size_t turn = 0; turn < blocks; ++turn) {
    const std::size_t block = turns == Turns::forward ? turn : blocks - 1 - turn;
    blockIdx = {static_cast<unsigned>(block % grid.x), static_cast<unsigned>(block / grid.x)};
    run_block(threads);
  }
}

void __syncthreads() { wait(State::at_block_barrier, "__syncthreads"); }

void __syncwarp() { wait(State::at_warp_barrier, "__syncwarp"); }

float __shfl_sync(unsigned mask, float value, int lane) {
  return float_of(exchange(bits_of(value), mask, "__shfl_sync")[static_cast<unsigned>(lane) % lanes]);
}

float __shfl_xor_sync(unsigned mask, float value, unsigned lane_mask) {
  const unsigned other = (current % lanes) ^ lane_mask;
  return float_of(exchange(bits_of(value), mask, "__shfl_xor_sync")[other % lanes]);
}

unsigned __ballot_sync(unsigned mask, bool value) {
  const auto& votes = exchange(value, mask, "__ballot_sync");
  unsigned bits = 0;
  for (unsigned lane = 0; lane < lanes; ++lane) bits |= votes[lane] << lane;
  return bits;
}

}  // namespace gptnas::detail::cuda
