// Operations that are noted once and repeated: CUDA graphs, as plain C++.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <gptnas/cuda/context.hpp>

namespace gptnas::detail::cuda {

/// Operations, with their arguments.
class Noted;

/// From here on, operations of this thread are noted instead of done.
void begin_noting(Context& context);
std::shared_ptr<const Noted> end_noting(Context& context);
void abandon_noting(Context& context) noexcept;

/// Does what was noted; false, and nothing, if memory of the context that it needs lies elsewhere now.
bool repeat(Context& context, const Noted& noted);

/// What was noted for several arguments.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) : Recording() {}
  Recording(Recording&&) noexcept = default;
  Recording& operator=(Recording other) noexcept {
    entries_.swap(other.entries_);
    return *this;
  }
  ~Recording() = default;

  /// Repeats the work for some memory in a context. The first time, it is done as usual, so that algorithms are chosen
  /// and scratch memory is there; the second time it is noted.
  ///
  /// @param memory  with `begin()`, `end()`: what `address_of` makes pairs of address and size of.
  template <class Memory, class AddressOf, class Work>
  void repeat(const std::shared_ptr<Context>& context, const Memory& memory, const AddressOf& address_of,
              const Work& work) {
    Entry& entry = find(context, memory, address_of);
    if (entry.noted && cuda::repeat(*context, *entry.noted)) return;
    if (!entry.ran) {
      work();
      entry.ran = true;
      return;
    }
    begin_noting(*context);
    try {
      work();
    } catch (...) {
      abandon_noting(*context);
      throw;
    }
    entry.noted = end_noting(*context);
    cuda::repeat(*context, *entry.noted);
  }

 private:
  static constexpr std::size_t most_entries = 64;

  using Address = std::pair<const void*, std::size_t>;
  struct Entry {
    std::weak_ptr<Context> context;  // not its address: a new context may get an old one's
    std::vector<Address> memory = {};
    bool ran = false;
    std::shared_ptr<const Noted> noted = nullptr;
  };

  template <class Memory, class AddressOf>
  Entry& find(const std::shared_ptr<Context>& context, const Memory& memory, const AddressOf& address_of) {
    for (Entry& entry : entries_) {
      if (entry.context.owner_before(context) || context.owner_before(entry.context)) continue;
      if (std::equal(entry.memory.begin(), entry.memory.end(), memory.begin(), memory.end(),
                     [&](const Address& address, const auto& slice) { return address == address_of(slice); })) {
        return entry;
      }
    }
    std::erase_if(entries_, [](const Entry& entry) { return entry.context.expired(); });
    if (entries_.size() == most_entries) entries_.clear();  // of memory that is long gone, most likely
    Entry entry{context};
    for (const auto& slice : memory) entry.memory.push_back(address_of(slice));
    return entries_.emplace_back(std::move(entry));
  }

  std::vector<Entry> entries_;
};

}  // namespace gptnas::detail::cuda
