#include <gptnas/cuda/recording.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cublas_backends.hpp"

namespace {

using namespace gptnas;
using Machine = CublasBackend<>;
using Array = Machine::Buffer<float>;

class CudaRecording : public gptnas_test::CudaTest {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (!IsSkipped()) one_.emplace(1);
  }

  static std::vector<float> read(const Array& buffer) {
    std::vector<float> values(buffer.size());
    backend().read(buffer.slice(0, buffer.size()), std::span(values));
    return values;
  }
  static const Machine& backend() {
    static const Machine shared;
    return shared;
  }

  /// y += 1, in a recording.
  void count(Machine::Recording& recording, Array& y) {
    backend().repeat(recording, {y}, [&] {
      ++calls_;
      backend().fill(*one_, 1);
      backend().add(y, *one_);
    });
  }

  std::optional<Array> one_;
  int calls_ = 0;  // of the work
};

TEST_F(CudaRecording, TheThirdTimeRepeatsWhatTheSecondNoted) {
  Machine::Recording recording;
  Array y(1);
  for (int i = 1; i <= 5; ++i) {
    count(recording, y);
    EXPECT_EQ(read(y), std::vector<float>{static_cast<float>(i)});
    EXPECT_EQ(calls_, std::min(i, 2));
  }
}

TEST_F(CudaRecording, OtherMemoryIsNotedOnItsOwn) {
  Machine::Recording recording;
  Array first(1), second(1);
  for (int i = 0; i < 4; ++i) {
    count(recording, first);
    if (i % 2 == 0) count(recording, second);
  }
  EXPECT_EQ(read(first), std::vector<float>{4});
  EXPECT_EQ(read(second), std::vector<float>{2});
  EXPECT_EQ(calls_, 4);
}

TEST_F(CudaRecording, ManyMemoriesReplaceOldOnes) {
  Machine::Recording recording;
  std::vector<Array> arrays(100, Array(1));
  for (int i = 0; i < 3; ++i) {
    for (Array& y : arrays) count(recording, y);
  }
  for (const Array& y : arrays) EXPECT_EQ(read(y), std::vector<float>{3});
}

TEST_F(CudaRecording, ACopyIsEmptyAndAMovedOneIsNot) {
  Machine::Recording recording;
  Array y(1);
  for (int i = 0; i < 3; ++i) count(recording, y);
  Machine::Recording copy = recording;
  count(copy, y);
  EXPECT_EQ(calls_, 3);
  Machine::Recording moved = std::move(recording);
  count(moved, y);
  EXPECT_EQ(calls_, 3);
  EXPECT_EQ(read(y), std::vector<float>{5});
}

TEST_F(CudaRecording, IsNotedAnewWhenScratchMemoryMoves) {
  Machine::Recording recording;
  constexpr std::size_t many = 1 << 16;
  Array x(5), y(1), large(many);
  backend().fill(x, 2);
  const auto work = [&] {
    ++calls_;
    backend().squared_norm(y, x);
  };
  for (int i = 0; i < 3; ++i) backend().repeat(recording, {y}, work);
  EXPECT_EQ(calls_, 2);
  backend().squared_norm(y, large);  // needs more
  backend().fill(y, 0);
  backend().repeat(recording, {y}, work);
  EXPECT_EQ(read(y), std::vector<float>{20});
  EXPECT_LE(calls_, 3);  // 2 where it came to lie in the same place
  backend().repeat(recording, {y}, work);
  EXPECT_LE(calls_, 3);
}

TEST_F(CudaRecording, AnotherContextIsNotedOnItsOwn) {
  Machine::Recording recording;
  Array y(1);
  for (int i = 0; i < 3; ++i) count(recording, y);
  EXPECT_EQ(read(y), std::vector<float>{3});
  EXPECT_EQ(calls_, 2);
  const Machine other;
  for (int i = 1; i <= 3; ++i) {
    other.repeat(recording, {y}, [&] {
      ++calls_;
      other.fill(y, 10);
    });
    other.read(y.slice(0, 0), std::span<float>());  // waits
    EXPECT_EQ(calls_, 2 + std::min(i, 2));
    EXPECT_EQ(read(y), std::vector<float>{10});
  }
  count(recording, y);
  EXPECT_EQ(calls_, 4);
  EXPECT_EQ(read(y), std::vector<float>{11});
}

TEST_F(CudaRecording, WorkThatThrowsAtFirstIsNotNotedBeforeItWasDone) {
  Machine::Recording recording;
  Array y(1);
  const auto work = [&] {
    backend().fill(y, static_cast<double>(++calls_));
    if (calls_ == 1) throw std::runtime_error("in the middle");
  };
  EXPECT_THROW(backend().repeat(recording, {y}, work), std::runtime_error);
  for (int i = 2; i <= 4; ++i) backend().repeat(recording, {y}, work);
  EXPECT_EQ(calls_, 3);  // done, noted, repeated
  EXPECT_EQ(read(y), std::vector<float>{3});
}

TEST_F(CudaRecording, WorkThatThrowsIsDoneAgain) {
  Machine::Recording recording;
  Array y(1);
  const auto work = [&] {
    backend().fill(y, static_cast<double>(++calls_));
    if (calls_ == 2) throw std::runtime_error("in the middle");
  };
  backend().repeat(recording, {y}, work);
  EXPECT_THROW(backend().repeat(recording, {y}, work), std::runtime_error);
  EXPECT_EQ(read(y), std::vector<float>{1});  // it was noted, not done
  backend().repeat(recording, {y}, work);
  EXPECT_EQ(read(y), std::vector<float>{3});
}

}  // namespace
