// Opening a table and reading its columns, in the forms that it may have.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/cached_table.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/trainers/key_map.hpp>

namespace {

using namespace gptnas;

/// NAS-Bench-101's table and its binary form, which goes with the program.
struct Files {
  std::string source = GPTNAS_DATA_DIR "/nas_bench_101.csv.gz";
  std::filesystem::path cache = std::filesystem::temp_directory_path() / "gptnas_table_bench";
  bool there = std::filesystem::exists(source);

  Files() {
    if (there) cached_table(source, cache);
  }
  ~Files() { std::filesystem::remove(cache); }
};

/// Calls with the files where the table is there.
template <class Call>
void measure(benchmark::State& state, Call call) {
  static const Files files;
  if (!files.there) {
    state.SkipWithError((files.source + " is absent; set GPTNAS_DATA_DIR").c_str());
    return;
  }
  for (auto _ : state) call(files);
}

void read_csv_table(benchmark::State& state) {
  measure(state, [](const Files& files) { benchmark::DoNotOptimize(Table(files.source).rows()); });
}
BENCHMARK(read_csv_table)->Unit(benchmark::kMillisecond);

/// With the comparison of the source's checksum.
void open_converted_table(benchmark::State& state) {
  measure(state, [](const Files& files) { benchmark::DoNotOptimize(cached_table(files.source, files.cache).rows()); });
}
BENCHMARK(open_converted_table)->Unit(benchmark::kMillisecond);

/// Without it.
void open_binary_table(benchmark::State& state) {
  measure(state, [](const Files& files) { benchmark::DoNotOptimize(Table(files.cache).rows()); });
}
BENCHMARK(open_binary_table)->Unit(benchmark::kMillisecond);

/// Also touches each value of a column of texts and of one of numbers.
void open_and_read_two_columns(benchmark::State& state) {
  measure(state, [](const Files& files) {
    const Table table = cached_table(files.source, files.cache);
    const TextColumn cells = table.texts("adj");
    const auto parameters = table.numbers("params");
    std::size_t sum = 0;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      sum += cells[row].size() + static_cast<std::size_t>(parameters[row]);
    }
    benchmark::DoNotOptimize(sum);
  });
}
BENCHMARK(open_and_read_two_columns)->Unit(benchmark::kMillisecond);

/// One key of as many as NAS-Bench-101 has cells, in random order.
void find_key(benchmark::State& state) {
  RandomStream random(1);
  std::vector<std::uint64_t> keys(423624);
  for (std::uint64_t& key : keys) key = random.bits64();
  const KeyMap<double> values(keys, std::vector<double>(keys.size()));
  random.shuffle(std::span(keys));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(values.find(keys[next]));
    next = next + 1 == keys.size() ? 0 : next + 1;
  }
}
BENCHMARK(find_key);

void checksum(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(8)->Arg(400)->Arg(1 << 20);

}  // namespace
