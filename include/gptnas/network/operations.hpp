// The operations that a network is made of, each with its options.
#pragma once

#include <cstddef>
#include <ostream>
#include <variant>

/// Windows (of a convolution or a pool) are square and padded by (extent - 1) / 2 on each side, where the extent is the
/// kernel or, dilated, dilation * (kernel - 1) + 1: an odd kernel with stride 1 keeps height and width, and a window of
/// 2 with stride 2 halves them.
namespace gptnas::operations {

/// The images.
struct Input {};

/// Cross-correlation with learned filters, as networks call convolution.
struct Convolution {
  std::size_t channels = 0;  ///< of the result, at least 1, a multiple of `groups`
  std::size_t kernel = 3;    ///< in [1, 65536]
  std::size_t stride = 1;    ///< in [1, 65536]
  std::size_t dilation = 1;  ///< in [1, 65536]; the steps between the taps of a window
  std::size_t groups = 1;    ///< divides the channels of the input; as many as these: depthwise
  bool bias = false;
};

/// Normalisation over the batch, then a learned scale and shift a channel (Ioffe and Szegedy, 2015).
struct BatchNorm {};

/// max(x, 0)
struct Relu {};

/// 1 / (1 + exp(-x))
struct Sigmoid {};

/// min(max(x + 3, 0), 6) / 6 (Howard et al., 2019, section 5.2)
struct HardSigmoid {};

/// x sigmoid(x), also known as SiLU (Ramachandran, Zoph and Le, 2017)
struct Swish {};

/// x hard sigmoid(x) (Howard et al., 2019, section 5.2)
struct HardSwish {};

struct MaxPool {
  std::size_t kernel = 3, stride = 1;  ///< in [1, 65536]
};

struct AveragePool {
  std::size_t kernel = 3, stride = 1;  ///< in [1, 65536]
  bool count_padding = false;          ///< whether the padding counts in the divisor
};

/// The mean of each channel.
struct GlobalAveragePool {};

/// A dense layer over all values of an image.
struct Linear {
  std::size_t features = 0;  ///< of the result, at least 1
  bool bias = true;
};

/// The sum of inputs of one shape.
struct Add {};

/// Each channel of the first input times its gate, the second input's only value in that channel.
struct Multiply {};

/// The channels of all inputs, one after the other.
struct Concatenate {};

/// Some neighbouring channels.
struct Slice {
  std::size_t first = 0;
  std::size_t channels = 0;  ///< at least 1
};

/// The channels as a table of `groups` rows, read by columns (Zhang et al., "ShuffleNet", 2018).
struct ChannelShuffle {
  std::size_t groups = 2;  ///< divides the channels
};

/// Every pixel moves up and left; zeros come in from below and from the right.
struct Shift {
  std::size_t rows = 0, columns = 0;  ///< at most the height and the width
};

struct Identity {};

/// Zeros, whatever the input holds.
struct Zero {
  std::size_t stride = 1;  ///< at least 1; the result has every stride-th row and column
};

}  // namespace gptnas::operations

namespace gptnas {

using Operation =
    std::variant<operations::Input, operations::Convolution, operations::BatchNorm, operations::Relu,
                 operations::Sigmoid, operations::HardSigmoid, operations::Swish, operations::HardSwish,
                 operations::MaxPool, operations::AveragePool, operations::GlobalAveragePool, operations::Linear,
                 operations::Add, operations::Multiply, operations::Concatenate, operations::Slice,
                 operations::ChannelShuffle, operations::Shift, operations::Identity, operations::Zero>;

namespace operations {

namespace detail {

struct OperationPrinter {
  std::ostream& out;

  void operator()(const Input&) const { out << "input"; }
  void operator()(const Convolution& options) const {
    out << "convolution";
    window(options.kernel, options.stride);
    if (options.dilation > 1) out << " dilation " << options.dilation;
    if (options.groups > 1) out << " groups " << options.groups;
    if (options.bias) out << " bias";
  }
  void operator()(const BatchNorm&) const { out << "batch norm"; }
  void operator()(const Relu&) const { out << "relu"; }
  void operator()(const Sigmoid&) const { out << "sigmoid"; }
  void operator()(const HardSigmoid&) const { out << "hard sigmoid"; }
  void operator()(const Swish&) const { out << "swish"; }
  void operator()(const HardSwish&) const { out << "hard swish"; }
  void operator()(const MaxPool& options) const {
    out << "max pool";
    window(options.kernel, options.stride);
  }
  void operator()(const AveragePool& options) const {
    out << "average pool";
    window(options.kernel, options.stride);
  }
  void operator()(const GlobalAveragePool&) const { out << "global average pool"; }
  void operator()(const Linear&) const { out << "linear"; }
  void operator()(const Add&) const { out << "add"; }
  void operator()(const Multiply&) const { out << "multiply"; }
  void operator()(const Concatenate&) const { out << "concatenate"; }
  void operator()(const Slice& options) const {
    out << "channels " << options.first << " to " << options.first + options.channels - 1;
  }
  void operator()(const ChannelShuffle& options) const { out << "channel shuffle groups " << options.groups; }
  void operator()(const Shift& options) const { out << "shift " << options.rows << ' ' << options.columns; }
  void operator()(const Identity&) const { out << "identity"; }
  void operator()(const Zero&) const { out << "zero"; }

 private:
  void window(std::size_t kernel, std::size_t stride) const {
    out << ' ' << kernel << 'x' << kernel;
    if (stride > 1) out << " stride " << stride;
  }
};

}  // namespace detail

/// An operation in one line: "convolution 3x3 stride 2 groups 4".
inline std::ostream& operator<<(std::ostream& out, const Operation& operation) {
  std::visit(detail::OperationPrinter{out}, operation);
  return out;
}

}  // namespace operations

}  // namespace gptnas
