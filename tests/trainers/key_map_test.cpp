#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/trainers/key_map.hpp>

namespace key_map_test {

using Places = gptnas::KeyMap<std::size_t>;
using gptnas::RandomStream;

TEST(KeyMap, FindsWhatAMapFinds) {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 1000u}) {
    for (const std::uint64_t range : {std::uint64_t{2000}, std::numeric_limits<std::uint64_t>::max()}) {
      RandomStream random(count, range);
      std::unordered_map<std::uint64_t, std::size_t> places;
      std::vector<std::uint64_t> keys;
      std::vector<std::size_t> values;
      while (keys.size() < count) {
        const std::uint64_t key = random.bits64() % range;
        if (!places.emplace(key, keys.size()).second) continue;
        values.push_back(keys.size());
        keys.push_back(key);
      }
      const Places found(keys, values);
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(*found.find(keys[i]), i);
      for (int draw = 0; draw < 1000; ++draw) {
        const std::uint64_t key = random.bits64() % range;
        const auto known = places.find(key);
        if (known == places.end()) {
          EXPECT_EQ(found.find(key), nullptr);
        } else {
          EXPECT_EQ(*found.find(key), known->second);
        }
      }
    }
  }
}

TEST(KeyMap, HasNoKeyAtFirst) { EXPECT_EQ(Places().find(0), nullptr); }

TEST(KeyMap, TakesWhatItsEmptySlotsHoldForNoKey) {
  const std::vector<std::uint64_t> keys{7, 8};
  const std::vector<std::size_t> values{1, 2};
  EXPECT_EQ(Places(keys, values).find(std::numeric_limits<std::uint64_t>::max()), nullptr);
}

}  // namespace key_map_test
