// Where a search evaluates unless it is told.
#pragma once

namespace gptnas {

class ThreadExecutor;  // its header has those of threads, which not every search needs

namespace detail {

template <class TrainerType>
struct DefaultExecutorOf {
  using Type = ThreadExecutor;
};

template <class TrainerType>
requires requires { typename TrainerType::DefaultExecutor; }
struct DefaultExecutorOf<TrainerType> {
  using Type = typename TrainerType::DefaultExecutor;
};

}  // namespace detail

/// What the trainer names as its `DefaultExecutor`, or else a `ThreadExecutor`.
template <class TrainerType>
using DefaultExecutor = typename detail::DefaultExecutorOf<TrainerType>::Type;

}  // namespace gptnas
