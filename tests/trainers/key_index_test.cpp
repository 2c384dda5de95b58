#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/trainers/key_index.hpp>

namespace key_index_test {

using gptnas::KeyIndex;
using gptnas::RandomStream;

TEST(KeyIndex, FindsWhatAMapFinds) {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 1000u}) {
    for (const std::uint64_t range : {std::uint64_t{2000}, std::numeric_limits<std::uint64_t>::max()}) {
      RandomStream random(count, range);
      std::unordered_map<std::uint64_t, std::size_t> places;
      std::vector<std::uint64_t> keys;
      while (keys.size() < count) {
        const std::uint64_t key = random.bits64() % range;
        if (places.emplace(key, keys.size()).second) keys.push_back(key);
      }
      const KeyIndex index(keys);
      for (const std::uint64_t key : keys) EXPECT_EQ(index.find(key), places.at(key));
      for (int draw = 0; draw < 1000; ++draw) {
        const std::uint64_t key = random.bits64() % range;
        const auto known = places.find(key);
        EXPECT_EQ(index.find(key), known == places.end() ? KeyIndex::none : known->second);
      }
    }
  }
}

TEST(KeyIndex, HasNoKeyAtFirst) { EXPECT_EQ(KeyIndex().find(0), KeyIndex::none); }

}  // namespace key_index_test
