#include <gptnas/cuda/partition.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/cuda/size_text.hpp>

namespace {

using namespace gptnas::detail::cuda;

TEST(CudaPartition, BlocksHoldEveryElement) {
  for (std::size_t count = 1; count < 5000; ++count) {
    EXPECT_GE(element_blocks(count) * std::size_t{block_threads}, count);
    EXPECT_LT((element_blocks(count) - 1) * std::size_t{block_threads}, count);
    EXPECT_GE(warp_blocks(count) * std::size_t{block_warps}, count);
    EXPECT_LT((warp_blocks(count) - 1) * std::size_t{block_warps}, count);
    EXPECT_GE(sum_blocks(count), 1u);
  }
  EXPECT_EQ(element_blocks(0), 0u);
  EXPECT_EQ(element_blocks(std::size_t{1} << 40), 1u << 16);  // threads take several elements
  EXPECT_EQ(sum_blocks(0), 1u);                               // the sum of nothing is written, too
  EXPECT_EQ(sum_blocks(std::size_t{1} << 40), 1024u);
}

TEST(CudaPartition, RowPartsCoverEachRowOnce) {
  for (std::size_t rows = 1; rows < 20000; rows = rows < 300 ? rows + 1 : rows + 97) {
    const RowParts parts(rows);
    ASSERT_LE(parts.count(), 128u);
    std::size_t next = 0;
    for (std::size_t part = 0; part < parts.count(); ++part) {
      ASSERT_EQ(parts.begin(part), next);
      ASSERT_LT(parts.begin(part), parts.end(part)) << rows;
      next = parts.end(part);
    }
    ASSERT_EQ(next, rows);
    const RowParts one = RowParts::one(rows);
    ASSERT_EQ(one.count(), 1u);
    ASSERT_EQ(one.begin(0), 0u);
    ASSERT_EQ(one.end(0), rows);
  }
}

TEST(CudaPartition, PlacesAreRowMajor) {
  for (std::size_t columns = 1; columns < 70; ++columns) {
    for (std::size_t index = 0; index < 5 * columns; ++index) {
      const Place place(index, columns);
      ASSERT_LT(place.column, columns);
      ASSERT_EQ(place.row * columns + place.column, index);
    }
  }
}

TEST(CudaPartition, HeadsFillTheirArraysWithoutOverlap) {
  constexpr std::size_t rows = 3, context = 4;
  for (std::size_t count = 1; count < 6; ++count) {
    for (std::size_t width = 1; width < 9; ++width) {
      const Heads heads{count, width};
      std::vector<int> qkv(rows * 3 * count * width), output(rows * count * width), state(rows * 2 * count);
      std::vector<int> cache(rows * count * context * width);
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t head = 0; head < count; ++head) {
          ++state.at(heads.log_sum(row, head));
          ++state.at(heads.product(row, head));
          for (std::size_t i = 0; i < width; ++i) {
            ++qkv.at(heads.query(row, head) + i);
            ++qkv.at(heads.key(row, head) + i);
            ++qkv.at(heads.value(row, head) + i);
            ++output.at(heads.output(row, head) + i);
            for (std::size_t position = 0; position < context; ++position) {
              ++cache.at(heads.cached(row, head, context, position) + i);
            }
          }
        }
      }
      for (const auto* each : {&qkv, &output, &state, &cache}) EXPECT_EQ(*each, std::vector<int>(each->size(), 1));
      // The order within a row is that of the concept: all queries, all keys, all values.
      EXPECT_EQ(heads.key(0, 0), count * width);
      EXPECT_EQ(heads.value(0, 0), 2 * count * width);
      EXPECT_EQ(heads.query(1, 0), 3 * count * width);
    }
  }
}

TEST(CudaPartition, Alignment) {
  alignas(512) static char bytes[1024];
  EXPECT_EQ(alignment(bytes), 256u);
  EXPECT_EQ(alignment(bytes + 4), 4u);
  EXPECT_EQ(alignment(bytes + 1), 1u);
  EXPECT_EQ(alignment(bytes + 48), 16u);
  EXPECT_EQ(alignment(bytes + 256), 256u);
}

TEST(CudaSizeText, NamesTheLargestUnit) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(1023), "1023 bytes");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(std::size_t{80} << 30), "80.0 GiB");
  EXPECT_EQ(size_text(std::size_t{3000} << 40), "3000.0 TiB");
  EXPECT_EQ(out_of_memory_text(std::size_t{2} << 30, std::size_t{1} << 20, std::size_t{80} << 30),
            "the CUDA device is out of memory: asked for 2.0 GiB, free are 1.0 MiB of 80.0 GiB");
}

}  // namespace
