#include <gptnas/gpt/side_by_side.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include <gptnas/core/random_stream.hpp>

namespace side_by_side_test {

using namespace gptnas;
using Sequence = std::vector<std::size_t>;

// Remembers the sequence of each row; the logits of a row are that sequence.
class RecordingSampler {
 public:
  explicit RecordingSampler(std::size_t rows) : sequences_(rows) {}

  std::size_t rows() const { return sequences_.size(); }
  void reset() {
    for (Sequence& sequence : sequences_) sequence.clear();
  }
  void reset(std::size_t row) { sequences_[row].clear(); }
  void copy(std::size_t to, std::size_t from) { sequences_[to] = sequences_[from]; }
  void push(std::span<const std::size_t> tokens) {
    ASSERT_GE(tokens.size(), 1u);
    ASSERT_LE(tokens.size(), rows());
    for (std::size_t row = 0; row < tokens.size(); ++row) sequences_[row].push_back(tokens[row]);
    pushed_ += tokens.size();
  }
  const Sequence& logits(std::size_t row) const { return sequences_[row]; }
  std::size_t pushed() const { return pushed_; }  // tokens, over all rows

 private:
  std::vector<Sequence> sequences_;
  std::size_t pushed_ = 0;
};

struct Reader {
  const Sequence* sequence;
  std::size_t* tokens_read;
  std::size_t position = 0;

  bool done() const { return position == sequence->size(); }
  std::size_t token() const { return (*sequence)[position]; }
  void read(const RecordingSampler& sampler, std::size_t row) {
    ++position;
    const Sequence begin(sequence->begin(), sequence->begin() + static_cast<std::ptrdiff_t>(position));
    EXPECT_EQ(sampler.logits(row), begin);
    ++*tokens_read;
  }
};

std::vector<Sequence> random_sequences(std::size_t count, RandomStream& random) {
  std::vector<Sequence> sequences(count);
  for (Sequence& sequence : sequences) {
    sequence.resize(random.below(7));
    for (std::size_t& token : sequence) token = random.below(3);
  }
  return sequences;
}

std::size_t run(RecordingSampler& sampler, const std::vector<Sequence>& sequences) {
  std::size_t read = 0, tokens = 0;
  for (const Sequence& sequence : sequences) tokens += sequence.size();
  detail::run_side_by_side(sampler, sequences.size(), [&](std::size_t i) { return Reader{&sequences[i], &read}; });
  EXPECT_EQ(read, tokens);
  return sampler.pushed();
}

TEST(SideBySide, EachReadsWhatFollowsItsOwnTokens) {
  RandomStream random(1);
  for (std::size_t repetition = 0; repetition < 200; ++repetition) {
    RecordingSampler sampler(1 + random.below(20));
    run(sampler, random_sequences(random.below(40), random));
  }
}

TEST(SideBySide, ABeginningIsComputedOnce) {
  RandomStream random(2);
  for (std::size_t repetition = 0; repetition < 200; ++repetition) {
    const auto sequences = random_sequences(random.below(40), random);
    std::set<Sequence> beginnings;
    for (const Sequence& sequence : sequences) {
      for (auto end = sequence.begin(); end != sequence.end(); ++end) beginnings.emplace(sequence.begin(), end + 1);
    }
    RecordingSampler sampler(40);
    EXPECT_EQ(run(sampler, sequences), beginnings.size());
  }
}

TEST(SideBySide, OneRowTakesThemInTurn) {
  RecordingSampler sampler(1);
  EXPECT_EQ(run(sampler, {{1, 2}, {1, 2}, {}, {2}}), 5u);
}

}  // namespace side_by_side_test
