// A handle to memory of a backend.
#pragma once

#include <cstddef>
#include <type_traits>

namespace gptnas {

/// A part of a buffer, whose elements the backend alone reaches; it must not outlive the buffer.
///
/// @tparam Machine  the `Backend` that it belongs to.
template <class Element, class Machine>
class Slice {
 public:
  Slice() = default;
  Slice(Element* data, std::size_t size) : data_(data), size_(size) {}
  operator Slice<const Element, Machine>() const requires(!std::is_const_v<Element>) { return {data_, size_}; }
  std::size_t size() const { return size_; }
  Slice slice(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }

 private:
  friend Machine;
  Element* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gptnas
